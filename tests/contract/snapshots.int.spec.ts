import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { foldCall } from '@ringback/domain';
import { host, ask, join, second, third, settings, uuid, type Person } from '@ringback/domain/testing';
import { JetStreamLog, provisionStreams, readCall, stateHash } from '@ringback/eventlog';
import { OwnerLink } from '@ringback/link';
import { connectNats, makeLogger, NatsBus, systemClock, systemIds } from '@ringback/runtime';
import { makeCallId, streams, subjects, type CallEvent, type Command } from '@ringback/schemas';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NatsServer } from '../support/nats-server.ts';
import { waitFor } from '../support/wait-for.ts';

const main = fileURLToPath(new URL('../../workers/calls/src/main.ts', import.meta.url));
const partitions = 2;

interface Claimed {
  readonly partition: number;
  readonly from: number;
  readonly events: number;
}

/** The calls worker as it runs in production. */
class WorkerProcess {
  readonly #child: ChildProcess;
  #output = '';

  constructor(url: string) {
    this.#child = spawn(process.execPath, [main], {
      env: {
        ...process.env,
        RINGBACK_NATS_URL: url,
        RINGBACK_NATS_PASSWORD: 'any',
        RINGBACK_PARTITIONS: String(partitions),
        RINGBACK_LOG_LEVEL: 'debug',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout!.on('data', (text) => (this.#output += String(text)));
  }

  lines(msg: string): Record<string, unknown>[] {
    const whole = this.#output.slice(0, this.#output.lastIndexOf('\n'));
    const lines = whole.split('\n').filter((line) => line !== '');
    return lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['msg'] === msg);
  }

  /** What it says once it serves this partition. */
  claimed(partition: number): Promise<Claimed> {
    const said = () =>
      (this.lines('claimed and replayed') as unknown as Claimed[]).find((c) => c.partition === partition);
    return waitFor(said, 'the claim');
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill(signal);
    await gone;
  }
}

describe('a worker that comes back', () => {
  let server: NatsServer;
  let nc: NatsConnection;
  let log: JetStreamLog;
  let link: OwnerLink;
  const workers: WorkerProcess[] = [];
  const start = () => {
    workers.push(new WorkerProcess(server.url));
    return workers.at(-1)!;
  };

  beforeAll(async () => {
    server = await NatsServer.start();
    nc = await connectNats(server.address('test'));
    await provisionStreams(nc, partitions, 1);
    log = await JetStreamLog.open(nc);
    link = new OwnerLink({
      bus: new NatsBus(nc, () => {}),
      clock: systemClock,
      logger: makeLogger('test', 'silent'),
      gateway: 'edge-1',
      incarnation: systemIds.uuid(),
      partitions,
      random: () => systemIds.random(),
      onEvents: () => {},
      onHead: () => {},
    });
  });
  afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.end('SIGKILL'))));
  afterAll(async () => {
    link.stop();
    await nc.close();
    await server.stop();
  });

  const inCall = (callId: string, command: Command): Command => ({ ...command, callId });
  const joining = (callId: string, who: Person, id: string) => {
    const command = join(who, { id });
    return inCall(callId, { ...command, data: { ...command.data, gateway: link.ref } } as Command);
  };
  const hashOf = async (callId: string, partition: number) => {
    const answer = await link.ask(partition, { ask: 'state', callId });
    if (!answer.ok || !('stateHash' in answer)) throw new Error('no state');
    return answer.stateHash;
  };
  const hashInLog = async (callId: string) => {
    const events: CallEvent[] = [];
    for await (const event of readCall(log, callId)) events.push(event);
    return stateHash(foldCall(events)!);
  };

  it('from a snapshot and the tail, from the log alone where the snapshot is damaged: one hash, and every first reply', async () => {
    const callId = makeCallId(0, systemIds.uuidV7(Date.now()));
    const lock = (n: number, type: 'call.lock' | 'call.unlock') =>
      inCall(callId, ask(host, type, {}, { id: uuid(n) }));
    const early = [
      inCall(callId, ask(host, 'call.create', settings, { id: uuid(1) })),
      joining(callId, host, uuid(2)),
      joining(callId, second, uuid(3)),
      lock(4, 'call.lock'),
      // Changes nothing, and is refused: neither leaves anything in the log.
      lock(5, 'call.lock'),
      joining(callId, third, uuid(6)),
      lock(7, 'call.unlock'),
    ];
    const replies = new Map<Command, unknown>();
    const submit = async (commands: readonly Command[]) => {
      for (const command of commands) replies.set(command, await link.submit(command));
    };
    const first = start();
    expect(await first.claimed(0)).toMatchObject({ from: 1 });
    await submit(early);
    expect(replies.get(early[4]!)).toMatchObject({ ok: true, seq: 4 });
    expect(replies.get(early[5]!)).toMatchObject({ ok: false, error: { code: 'call_locked' } });
    await first.end('SIGTERM');

    const next = start();
    const { from } = await next.claimed(0);
    expect(from).toBeGreaterThan(1);
    const late = [
      lock(8, 'call.lock'),
      lock(9, 'call.unlock'),
      lock(10, 'call.lock'),
      lock(11, 'call.unlock'),
    ];
    await submit(late);
    const before = await hashOf(callId, 0);
    expect(before).toBe(await hashInLog(callId));
    await next.end('SIGKILL');

    const expectAsBefore = async () => {
      expect(await hashOf(callId, 0)).toBe(before);
      for (const [command, reply] of replies) expect(await link.submit(command)).toEqual(reply);
      expect(await hashInLog(callId)).toBe(before);
    };
    const third_ = start();
    expect(await third_.claimed(0)).toMatchObject({ from, events: late.length });
    await expectAsBefore();
    await third_.end('SIGKILL');

    const manager = await jetstreamManager(nc);
    const { state } = await manager.streams.info(streams.snapshots, {
      subjects_filter: subjects.snapshotParts('*'),
    });
    for (const filter of Object.keys(state.subjects!))
      await manager.streams.purge(streams.snapshots, { filter });
    const fourth = start();
    expect(await fourth.claimed(0)).toMatchObject({ from: 1 });
    expect(fourth.lines('snapshot not usable: the whole log is replayed')).not.toEqual([]);
    // What the log does not hold is gone with the snapshot: the two of which nothing came.
    for (const command of [early[4]!, early[5]!]) replies.delete(command);
    await expectAsBefore();
  });

  it('from a snapshot that was made beside the work, after kill -9 alone', async () => {
    const callId = makeCallId(1, systemIds.uuidV7(Date.now()));
    const create = inCall(callId, ask(host, 'call.create', settings, { id: uuid(1) }));
    const first = start();
    await first.claimed(1);
    expect(await link.submit(create)).toMatchObject({ ok: true });
    await first.end('SIGKILL');
    await lengthen(callId);
    const second_ = start();
    expect(await second_.claimed(1)).toMatchObject({ from: 1 });
    await waitFor(() => second_.lines('snapshot saved')[0], 'a snapshot');
    await second_.end('SIGKILL');
    const third_ = start();
    const { from, events } = await third_.claimed(1);
    expect([from > 1, events]).toEqual([true, 0]);
    expect(await hashOf(callId, 1)).toBe(await hashInLog(callId));
  });

  /** As after a long time: so many events that a replay is to be avoided. */
  async function lengthen(callId: string): Promise<void> {
    let last = 0;
    const events: CallEvent[] = [];
    for await (const commit of log.read(1)) {
      last = commit.position;
      events.push(...commit.body.events);
    }
    const [created] = events;
    for (let sequence = 2; sequence <= 20_000;) {
      const more: CallEvent[] = [];
      for (; more.length < 500; sequence++) {
        const type = sequence % 2 === 0 ? 'call.locked' : 'call.unlocked';
        const data = { by: host.participantId };
        more.push({ ...created, type, sequence, id: `${callId}/${sequence}`, data } as CallEvent);
      }
      const body = { kind: 'commit', owner: 'test', epoch: last, events: more } as const;
      const stored = await log.append({ partition: 1, body, id: `long.${sequence}`, expected: last });
      if (stored.kind !== 'stored') throw new Error(stored.kind);
      last = stored.position;
    }
  }
});
