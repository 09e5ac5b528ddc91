import { createHmac, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { post } from '../../../tests/support/ws-client.ts';
import { BenchPlatform, partitions } from '../platform.ts';
import { Server } from '../processes.ts';
import { people, type Contender, type Room, type Shape } from './contender.ts';
import { limits } from './limits.ts';
import type { Load } from './load.ts';
import { answerTo, offerOf, sentTracks } from './mediasoup-sdp.ts';
import { OursPerson } from './ours-person.ts';

/** The whole platform as `npm start` runs it, with its Call Server: one mediasoup worker, as the bare one has. */
export class Ours implements Contender {
  readonly title = 'our Call Server';
  readonly #platform: BenchPlatform;
  readonly #gateway: Server;
  readonly #workers: number[];

  private constructor(platform: BenchPlatform, gateway: Server, workers: number[]) {
    this.#platform = platform;
    this.#gateway = gateway;
    this.#workers = workers;
  }

  static async start(root: string): Promise<Ours> {
    const platform = await BenchPlatform.start(root, { tap: true });
    const { home, secrets, url } = platform.log;
    const env = {
      ...process.env,
      RINGBACK_SUPERVISED: '1',
      RINGBACK_HOME: home,
      RINGBACK_NATS_URL: url,
      RINGBACK_NATS_PASSWORD: secrets.nats.media,
      RINGBACK_PARTITIONS: String(partitions),
      RINGBACK_MEDIA_WORKERS: '1',
    };
    const main = join(root, 'gateways', 'media', 'src', 'main.ts');
    const gateway = new Server(process.execPath, [main], env, join(home, 'logs', 'media.log'));
    const workers = await waitFor(() => {
      gateway.mustRun();
      const found = childrenOf(gateway.pid);
      return found.length > 0 && found;
    }, 'the Call Server to start its worker');
    return new Ours(platform, gateway, workers);
  }

  async open(shape: Shape, load: Load): Promise<Room> {
    const { url, pids } = this.#platform;
    const tenant = this.#platform.log.secrets.tenants[0]!;
    const token = () => signToken(tenant, `user-${randomUUID()}`);
    const host = token();
    const body = { participantsMax: shape.senders + shape.listeners };
    const call = await post<{ callId?: string }>(`${url}/v1/calls`, body, host);
    if (call.callId === undefined) throw new Error(`no call could be made: ${JSON.stringify(call)}`);
    const { callId } = call;
    const fingerprint = await load.fingerprint();
    const persons: OursPerson[] = [];
    for (const person of people(shape)) {
      const asHost = persons.length === 0;
      const joining = { ...person, token: asHost ? host : token(), callId, fingerprint };
      persons.push(await OursPerson.join(url, joining));
    }
    for (const person of persons.filter(({ sends }) => sends)) {
      const { send } = await person.transports();
      const offer = await load.send(`${person.name}/send`);
      await person.produce(sentTracks(offer));
      await load.answered(`${person.name}/send`, answerTo(offer, send));
    }
    for (const person of persons) {
      const others = shape.senders - (person.sends ? 1 : 0);
      const { recv } = await person.transports();
      const consumers = await person.consumers(2 * others);
      if (consumers.length > 0) await load.receive(`${person.name}/recv`, offerOf(consumers, recv));
      await person.shown(consumers);
    }
    const reporting = new AbortController();
    void this.#report(persons, reporting.signal);
    return {
      pids: { worker: this.#workers[0]!, node: this.#gateway.pid },
      besides: { nats: pids.nats, calls: pids.worker, edge: pids.edge },
      close: async () => {
        reporting.abort();
        await persons[0]!.endCall();
        for (const person of persons) person.close();
      },
    };
  }

  async stop(): Promise<void> {
    await this.#gateway.stop();
    await this.#platform.stop();
  }

  /** What every client does all the time; spread, as people do not join at the same moment. */
  async #report(persons: readonly OursPerson[], signal: AbortSignal): Promise<void> {
    for (let next = 0; !signal.aborted; next = (next + 1) % persons.length) {
      persons[next]!.report();
      await sleep(limits.reportEveryMs / persons.length);
    }
  }
}

/** Process ids of what a process started: mediasoup's worker tells nobody its own. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        // proc_pid_stat(5): behind the name come the state and the parent.
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false; // no process, or gone meanwhile
      }
    });
}

/** A join token (RFC 7519, HS256) for an hour. */
function signToken({ apiKey, apiSecret }: { apiKey: string; apiSecret: string }, userId: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const video = { roomJoin: true, roomCreate: true };
  const payload = { iss: apiKey, aud: 'ringback', sub: userId, iat: now, exp: now + 3_600, video };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
  return `${signed}.${createHmac('sha256', apiSecret).update(signed).digest('base64url')}`;
}
