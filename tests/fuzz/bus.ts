import { randomUUID } from 'node:crypto';
import { connectNats } from '@ringback/runtime';
import { partitionOf, subjects } from '@ringback/schemas';
import { Chance } from '../simulation/chance.ts';
import { waitFor } from '../support/wait-for.ts';
import { joinAs, post, WsClient } from '../support/ws-client.ts';
import { busMessage, type Insider } from './bus-messages.ts';
import { Faults } from './faults.ts';
import { limits } from './limits.ts';
import { Target, tokenOf } from './target.ts';

export interface BusFuzzOptions {
  readonly messages: number;
  readonly seed: number;
  readonly tell?: ((fault: string) => void) | undefined;
}

export interface BusOutcome {
  readonly messages: number;
  readonly seconds: number;
  readonly faults: number;
  readonly told: readonly string[];
  /** Messages that were counted as faulty, by process and first word of the subject. */
  readonly counted: Readonly<Record<'edge' | 'calls', Readonly<Record<string, number>>>>;
  /** Lines in the logs about them. */
  readonly lines: number;
}

/** Whatever a part of the platform can say to the others over nats-server, to a platform of its own. */
export async function fuzzBus({ messages, seed, tell }: BusFuzzOptions): Promise<BusOutcome> {
  const faults = new Faults(tell);
  const target = await Target.start(faults);
  let sent = 0;
  let seconds = 0;
  let counted: BusOutcome['counted'] = { edge: {}, calls: {} };
  const sockets: WsClient[] = [];
  const nc = await connectNats({ url: target.natsUrl, user: 'calls', password: 'any', name: 'fuzz' });
  try {
    const epochs = await epochsOf();
    const calls = await callsIn(epochs.length);
    const insider: Insider = {
      ...{ chance: new Chance(seed), epochs, callIds: calls, people: [randomUUID(), randomUUID()], link: 0 },
      ...{ gateway: 'edge-1', worker: 'calls-1' },
    };
    for (const callId of calls) await enter(callId, 'host', insider.people[0]);
    const started = performance.now();
    while (sent < messages && faults.count < limits.faultsTold) {
      for (let n = 0; n < limits.busBatch; n++) {
        const { subject, payload } = busMessage(insider);
        nc.publish(subject, payload, { reply: 'fuzz.answers' });
      }
      sent += limits.busBatch;
      epochs.splice(0, Infinity, ...(await epochsOf()));
      await fetch(`${target.url}/healthz`);
    }
    seconds = (performance.now() - started) / 1_000;
    for (const callId of await callsIn(epochs.length)) await worksIn(callId);
    counted = {
      edge: countsIn(await target.metrics('edge')),
      calls: countsIn(await target.metrics('calls')),
    };
  } catch (error) {
    faults.add('bus', String(error));
  } finally {
    for (const socket of sockets) socket.close();
    await nc.close();
    await target.stop();
  }
  const lines = target.linesLike(/not read, handled or sent|command of a wrong form/);
  if (lines > limits.busLinesMax) faults.add('bus', `${lines} lines were logged about ${sent} messages`);
  return { messages: sent, seconds, faults: faults.count, told: faults.told, counted, lines };

  /** Of the owners now: a partition that has none for a moment gets one. */
  function epochsOf(): Promise<number[]> {
    const ask = async (partition: number) => {
      const question = JSON.stringify({ ask: 'who' });
      const answer = await nc
        .request(subjects.questions(partition), question, { timeout: limits.whoMs })
        .catch(() => undefined);
      // One that stands in for an owner to come has no epoch yet.
      return answer?.json<{ epoch: number }>().epoch;
    };
    const partitions = Array.from({ length: target.partitions }, (_, partition) => partition);
    return Promise.all(
      partitions.map((partition) => waitFor(() => ask(partition), `an owner of partition ${partition}`)),
    );
  }

  /** A new call in each partition. */
  async function callsIn(partitions: number): Promise<string[]> {
    const token = tokenOf('default', { sub: 'host', video: { roomJoin: true, roomCreate: true } });
    const calls = new Map<number, string>();
    await waitFor(async () => {
      const { callId } = await post<{ callId?: string }>(`${target.url}/v1/calls`, {}, token);
      if (callId !== undefined) calls.set(partitionOf(callId), callId);
      return calls.size === partitions;
    }, 'a call in each partition');
    return [...calls.values()];
  }

  async function enter(callId: string, userId: string, participantId: string = randomUUID()) {
    const socket = await WsClient.open(
      target.url,
      tokenOf('default', { sub: userId, video: { roomJoin: true } }),
    );
    sockets.push(socket);
    const joined = await socket.ask(joinAs(callId, participantId, userId));
    if (!joined.ok) faults.add('bus', `${userId} can not join a new call: ${JSON.stringify(joined)}`);
    return socket;
  }

  /** What was said before is in nobody's way: not in the calls', nor in that of their telemetry. */
  async function worksIn(callId: string): Promise<void> {
    const host = await enter(callId, 'host');
    const guest = await enter(callId, 'guest');
    await host.ask({ type: 'call.lock', callId, data: {} });
    await waitFor(
      () => guest.deliveries(callId).some(({ event }) => event.type === 'call.locked'),
      `the news in ${callId}`,
    );
    const token = tokenOf('default', { sub: 'host', video: { roomJoin: true } });
    for (const path of ['', '/events', '/telemetry']) {
      const headers = { authorization: `Bearer ${token}` };
      const { status } = await fetch(`${target.url}/v1/calls/${callId}${path}`, { headers });
      if (status !== 200) faults.add('bus', `${path} of a call can not be read afterwards: ${status}`);
    }
  }
}

/** `ringback_bus_faults_total` by subject. */
function countsIn(metrics: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, labels = '', value] of metrics.matchAll(/^ringback_bus_faults_total\{(.*)\} (\d+)$/gm)) {
    const subject = /subject="(\w+)"/.exec(labels)?.[1] ?? '';
    counts[subject] = (counts[subject] ?? 0) + Number(value);
  }
  return counts;
}
