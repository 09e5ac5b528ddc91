import { ask, callId, host } from '@ringback/domain/testing';
import { makeLogger, ManualClock, MemoryBus } from '@ringback/runtime';
import {
  subjects,
  type BeatMessage,
  type CallEvent,
  type Command,
  type CommandBatch,
  type CommandReply,
} from '@ringback/schemas';
import { OwnerLink, type OwnerLinkPorts } from './owner-link.ts';

const partition = 3;
const start = 1_763_576_674_816;

/** The same for the same number. */
export const command = (n: number): Command =>
  ask(host, 'call.lock', {}, { id: `00000000-0000-4000-8000-00000000${String(n).padStart(4, '0')}` });

export const ok = (ref: number, seq: number): CommandReply => ({ ref, ok: true, callId, seq });

/** One link, everything it sends and passes on, and a hand that plays the owner of partition 3. */
export function stage(options: Partial<OwnerLinkPorts> = {}) {
  const clock = new ManualClock(start);
  const bus = new MemoryBus();
  const batches: CommandBatch[] = [];
  const beats: BeatMessage[] = [];
  const events: CallEvent[] = [];
  const heads: [string, number][] = [];
  const told: string[] = [];
  bus.subscribe(subjects.commands(partition), (message) => batches.push(message as CommandBatch));
  bus.subscribe(subjects.allBeats, (message) => beats.push(message as BeatMessage));
  const link = new OwnerLink({
    bus,
    clock,
    logger: makeLogger('test', 'silent'),
    gateway: 'edge-1',
    incarnation: '1',
    partitions: partition + 1,
    random: () => 0.5,
    onEvents: (fed) => {
      told.push('events');
      events.push(...fed);
    },
    onHead: (call, seq) => heads.push([call, seq]),
    ...options,
  });
  return {
    clock,
    bus,
    link,
    batches,
    beats,
    events,
    heads,
    told,
    /** The refs of what was sent, a list a batch. */
    sent: () => batches.filter((b) => b.commands.length > 0).map((b) => b.commands.map((c) => c.ref)),
    /** The number of each batch in its link. */
    numbers: () => batches.map((b) => [b.link, b.batch]),
    feed: (epoch: number, replies: CommandReply[], fed: CallEvent[] = []) =>
      bus.publish(subjects.feed('edge-1'), { partition, epoch, replies, events: fed }),
    again: (epoch: number) =>
      bus.publish(subjects.feed('edge-1'), { partition, epoch, replies: [], events: [], again: true }),
    head: (epoch: number, callHeads: Record<string, number> = {}) =>
      bus.publish(subjects.heads(partition), { partition, epoch, owner: 'o', heads: callHeads }),
    drained: async () => {
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
