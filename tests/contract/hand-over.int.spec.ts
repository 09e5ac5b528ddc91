import { setTimeout as wait } from 'node:timers/promises';
import { place } from '@ringback/domain';
import { ask, host, join, settings } from '@ringback/domain/testing';
import { JetStreamLog } from '@ringback/eventlog';
import { OwnerLink } from '@ringback/link';
import { connectNats, makeLogger, NatsBus, systemClock, systemIds } from '@ringback/runtime';
import { partitionName, subjects, workerOf, type Command, type HeadMessage } from '@ringback/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallsProcess } from '../support/calls-process.ts';
import { NatsServer } from '../support/nats-server.ts';
import { waitFor } from '../support/wait-for.ts';

const partitions = 12;
const callsPerPartition = 2;
/** Between a reply and the next command of the same call: some hundred commands a second in all. */
const pauseMs = 50;

/** Real processes on a real nats-server, and a gateway's link that never stops sending. */
describe('several calls workers under a steady stream of commands', () => {
  let server: NatsServer;
  let nc: Awaited<ReturnType<typeof connectNats>>;
  let link: OwnerLink;
  const workers: CallsProcess[] = [];
  const owners = new Map<number, { epoch: number; worker: string }>();
  const acked: { id: string; callId: string; seq: number }[] = [];
  const failed: { command: string; outcome: unknown }[] = [];
  let slowestMs = 0;
  let sending = true;
  let stream: Promise<unknown> = Promise.resolve();

  const startWorker = (name: string) => {
    const worker = new CallsProcess(name, server.url, partitions);
    workers.push(worker);
    return worker;
  };
  const ownedBy = (...who: CallsProcess[]) =>
    [...owners].filter(([, { worker }]) => who.some(({ name }) => name === worker)).map(([p]) => p);
  /** Everybody has what is theirs, and so nothing is on its way. */
  const spread = (...who: CallsProcess[]) => {
    const nodes = who.map(({ name }) => ({ id: name }));
    const keys = Array.from({ length: partitions }, (_, partition) => partitionName(partition));
    const placed = place(keys, nodes);
    return keys.every((key) => owners.get(Number(key))?.worker === placed.get(key));
  };
  /** Until every partition of `of` has another owner; says how long that took. */
  const takenOver = async (what: string, of: CallsProcess, had: readonly number[]) => {
    const began = performance.now();
    slowestMs = 0;
    await waitFor(() => had.every((p) => owners.get(p)?.worker !== of.name), `${what}: other owners`);
    const ms = Math.round(performance.now() - began);
    await flowing();
    console.info(
      `${what}: ${had.length} partitions had another owner after ${ms} ms; the slowest reply took ${Math.round(slowestMs)} ms`,
    );
  };
  /** Every call has had some more replies. */
  const flowing = async () => {
    const from = acked.length;
    const calls = partitions * callsPerPartition;
    await waitFor(
      () => new Set(acked.slice(from).map((a) => a.callId)).size === calls,
      'replies in every call',
    );
  };
  const submit = async (command: Command) => {
    const began = performance.now();
    const outcome = await link.submit(command);
    slowestMs = Math.max(slowestMs, performance.now() - began);
    if (outcome.ok) acked.push({ id: command.id, callId: command.callId, seq: outcome.seq });
    else failed.push({ command: command.type, outcome });
  };
  /** One call's commands, each after the reply to the last. */
  const useCall = async (partition: number) => {
    const callId = `${partitionName(partition)}-${systemIds.uuidV7(Date.now())}`;
    const more = () => ({ id: systemIds.uuid(), callId });
    await submit(ask(host, 'call.create', settings, more()));
    const joining = join(host, more());
    await submit({ ...joining, data: { ...joining.data, gateway: link.ref } });
    for (let i = 0; sending; i++) {
      await submit(ask(host, i % 2 === 0 ? 'call.lock' : 'call.unlock', {}, more()));
      await wait(pauseMs);
    }
  };

  beforeAll(async () => {
    server = await NatsServer.start();
    nc = await connectNats(server.address('test'));
    const bus = new NatsBus(nc, () => {});
    bus.subscribe(subjects.allHeads, (message) => {
      const { partition, epoch, owner } = message as HeadMessage;
      if (epoch >= (owners.get(partition)?.epoch ?? 0))
        owners.set(partition, { epoch, worker: workerOf(owner) });
    });
    link = new OwnerLink({
      bus,
      clock: systemClock,
      logger: makeLogger('test', 'silent'),
      gateway: 'edge-1',
      incarnation: systemIds.uuid(),
      partitions,
      random: () => Math.random(),
      onEvents: () => {},
      onHead: () => {},
    });
  });

  afterAll(async () => {
    sending = false;
    link.stop();
    await Promise.all(workers.map((worker) => worker.kill()));
    await nc.close();
    await server.stop();
  });

  it('those that join get their share', async () => {
    const first = startWorker('calls-1');
    await waitFor(() => ownedBy(first).length === partitions, 'the first to own everything');
    stream = Promise.all(
      Array.from({ length: partitions * callsPerPartition }, (_, i) => useCall(i % partitions)),
    );
    await flowing();
    slowestMs = 0;
    const second = startWorker('calls-2');
    const third = startWorker('calls-3');
    await waitFor(() => spread(first, second, third), 'partitions to be spread');
    await flowing();
    console.info(
      `joined: ${[first, second, third].map((w) => ownedBy(w).length).join(', ')} partitions; the slowest reply took ${Math.round(slowestMs)} ms`,
    );
    expect(failed).toEqual([]);
  });

  it('one that is asked to end hands everything over first', async () => {
    const [first] = workers as [CallsProcess];
    const had = ownedBy(first);
    first.signal('SIGTERM');
    await takenOver('SIGTERM', first, had);
    expect(await first.gone).toBe(0);
    const given = first
      .said('partition handed over')
      .filter(({ partition }) => had.includes(Number(partition)));
    expect(new Set(given.map(({ partition }) => partition)).size).toBe(had.length);
    expect(failed).toEqual([]);
  });

  it('what one had that is killed is taken by the others', async () => {
    const [, second, third] = workers as [CallsProcess, CallsProcess, CallsProcess];
    const fourth = startWorker('calls-4');
    await waitFor(() => spread(second, third, fourth), 'partitions to be spread');
    const had = ownedBy(second);
    const killed = second.kill();
    await takenOver('kill -9', second, had);
    await killed;
    expect(failed).toEqual([]);
  });

  it('one that is frozen is taken over from, and fenced when it wakes; later it gets its share again', async () => {
    const [, , third, fourth] = workers as [CallsProcess, CallsProcess, CallsProcess, CallsProcess];
    const fifth = startWorker('calls-5');
    await waitFor(() => spread(third, fourth, fifth), 'partitions to be spread');
    await flowing();
    const had = ownedBy(third);
    third.signal('SIGSTOP');
    await takenOver('SIGSTOP', third, had);
    third.signal('SIGCONT');
    const lost = () => third.said('partition lost').filter(({ reason }) => reason === 'fenced');
    await waitFor(() => had.every((p) => lost().some(({ partition }) => partition === p)), 'it to be fenced');
    await waitFor(() => spread(third, fourth, fifth), 'partitions to be spread again');
    await flowing();
    expect(failed).toEqual([]);
  });

  it('when nats-server comes back they all go on', async () => {
    const takenOver = () =>
      workers
        .flatMap((worker) => worker.said('partition taken'))
        .filter(({ reason }) => reason !== 'handed-over').length;
    const before = takenOver();
    await server.kill();
    await server.restart();
    await flowing();
    console.info(`nats-server restarted: ${takenOver() - before} partitions were taken for left alone`);
    expect(failed).toEqual([]);
  });

  it('nothing that was acknowledged is missing, and nothing is there twice', async () => {
    sending = false;
    await stream;
    const log = await JetStreamLog.open(nc);
    const causes = new Map<string, string[]>();
    for (let partition = 0; partition < partitions; partition++)
      for await (const { body } of log.read(partition))
        for (const event of body.events) {
          const known = causes.get(event.subject) ?? [];
          causes.set(event.subject, known);
          known.push(event.causationid);
          // Gapless, whoever wrote it.
          expect(event.sequence).toBe(known.length);
        }
    const lost = acked.filter(({ id, callId, seq }) => causes.get(callId)?.[seq - 1] !== id);
    const all = [...causes.values()].flat();
    const doubled = all.length - new Set(all).size;
    const withoutOwner = (reason: string) =>
      workers
        .flatMap((worker) => worker.said('partition taken'))
        .filter((line) => line.reason === reason)
        .map(({ goneMs }) => Number(goneMs))
        .toSorted((a, b) => a - b);
    for (const reason of ['handed-over', 'dead', 'frozen'])
      console.info(`${reason}: without an owner for ${withoutOwner(reason).join(', ')} ms`);
    console.info(
      `${acked.length} acknowledged, ${lost.length} lost, ${doubled} doubled, ${failed.length} refused`,
    );
    expect(acked.length).toBeGreaterThan(500);
    expect({ lost, doubled, failed }).toEqual({ lost: [], doubled: 0, failed: [] });
    expect(all).toHaveLength(acked.length);
  });
});
