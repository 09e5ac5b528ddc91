import { MemoryLog, type StoredCommit } from '@ringback/eventlog';
import { makeLogger, makeMetrics, ManualClock, MemoryBus } from '@ringback/runtime';
import {
  subjects,
  type Answer,
  type BeatMessage,
  type Command,
  type CommandBatch,
  type FeedMessage,
  type HeadMessage,
  type Question,
} from '@ringback/schemas';
import { host, ask, capabilities, settings, start, uuid } from '@ringback/domain/testing';
import { expect, vi } from 'vitest';
import { makeOwnerMetrics } from './metrics.ts';
import { PartitionOwner, type OwnerPorts } from './partition-owner.ts';

export const partition = 3;
export const create = ask(host, 'call.create', settings, { id: uuid(0x10) });

/** Commands that each change something. */
export const toggles = (count: number, from = 0x1000): Command[] =>
  Array.from({ length: count }, (_, i) =>
    ask(
      host,
      'call.capabilities',
      { capabilities: { ...capabilities, screenShare: i % 2 === 0 } },
      { id: uuid(from + i) },
    ),
  );

/** An owner on the twins of log and bus, and a gateway that writes down what it is told. */
export async function stage(
  log?: MemoryLog,
  { owner = 'owner-1', ...more }: Partial<OwnerPorts> & { owner?: string } = {},
) {
  const clock = new ManualClock(start);
  const bus = new MemoryBus();
  const ports: OwnerPorts = {
    log: log ?? new MemoryLog(() => clock.now()),
    bus,
    clock,
    logger: makeLogger('test', 'silent'),
    metrics: makeOwnerMetrics(makeMetrics('test')),
    codeVersion: 'test',
    tap: true,
    // Tests ask more of one call than people do.
    callActionsPerSecond: 1_000_000,
    ...more,
  };
  const fed: FeedMessage[] = [];
  const heads: HeadMessage[] = [];
  const tapped: string[] = [];
  bus.subscribe(subjects.feed('edge-1'), (message) => fed.push(message as FeedMessage));
  bus.subscribe(subjects.allHeads, (message) => heads.push(message as HeadMessage));
  bus.subscribe('call.>', (_, subject) => tapped.push(subject));
  let refs = 0;
  let link = 1;
  let batches = 0;
  const batch = (more: Partial<CommandBatch>) =>
    bus.publish(subjects.commands(partition), {
      gateway: 'edge-1',
      incarnation: '1',
      link,
      batch: batches++,
      commands: [],
      follow: [],
      unfollow: [],
      ...more,
    });
  const beat = (more: Partial<BeatMessage> = {}) => {
    const message: BeatMessage = { gateway: 'edge-1', incarnation: '1', ...more };
    bus.publish(subjects.beat(message.gateway), message);
  };
  /** Everything that can happen now has happened. */
  const drained = async () => {
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    ports,
    clock,
    bus,
    fed,
    heads,
    tapped,
    batch,
    owner: await PartitionOwner.take(partition, owner, ports),
    /** What a gateway does after a lost batch, and with a new owner. */
    relink: () => {
      link += 1;
      batches = 0;
    },
    replies: () => fed.flatMap((message) => message.replies),
    send: (...commands: Command[]) =>
      batch({ commands: commands.map((command) => ({ ref: ++refs, command })) }),
    beat,
    /** Time goes by as it does: a second, and everything that comes of it, after the other. */
    pass: async (ms: number) => {
      for (let left = ms; left > 0; left -= 1_000) {
        clock.advance(Math.min(left, 1_000));
        await drained();
      }
    },
    ask: (question: Question) =>
      bus.request(subjects.questions(partition), question, 10_000) as Promise<Answer>,
    drained,
    commits: async () => {
      const commits: StoredCommit[] = [];
      for await (const commit of ports.log.read(partition)) commits.push(commit);
      return commits;
    },
    types: async () => {
      const types: string[] = [];
      for await (const commit of ports.log.read(partition))
        types.push(...commit.body.events.map((e) => e.type));
      return types;
    },
  };
}

export type Stage = Awaited<ReturnType<typeof stage>>;

export async function told(on: Stage, count: number): Promise<void> {
  await vi.waitFor(() => expect(on.replies()).toHaveLength(count), 5_000);
}

/** Holds every append until it is called. */
export function hold(log: OwnerPorts['log']): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  (log as MemoryLog).faults.hold = promise;
  return () => {
    (log as MemoryLog).faults.hold = undefined;
    resolve();
  };
}
