import { claim, readThrough } from '@ringback/eventlog';
import type { CallBook } from './call-book.ts';
import type { OwnerPorts } from './partition-owner.ts';
import { notUsable, Replay, SnapshotUnfit } from './replay.ts';

export interface Recovered {
  readonly book: CallBook;
  /** Position of the claim. */
  readonly epoch: number;
  /** Position that was read from: 1, or that of the snapshot. */
  readonly from: number;
  /** Events that no snapshot held. */
  readonly events: number;
}

/**
 * Claims a partition and makes its book: from the newest snapshot of this code and what was committed since, else from
 * the whole log. The log line says which.
 *
 * @param begun what was read of the partition already.
 * @throws ClaimFailed, UndecodableCommit; a call that can not be folded is parked and stops nobody else
 */
export async function recover(
  partition: number,
  owner: string,
  ports: OwnerPorts,
  begun?: Replay,
): Promise<Recovered> {
  const { clock, logger, metrics } = ports;
  const started = clock.monotonic();
  const epoch = await claim(ports.log, partition, owner);
  let replay = begun ?? (await Replay.newest(partition, ports));
  try {
    await readOn(partition, epoch, ports, replay);
  } catch (err) {
    if (!(err instanceof SnapshotUnfit)) throw err;
    logger.warn({ partition, epoch, err }, notUsable);
    replay = Replay.empty(partition, ports);
    await readOn(partition, epoch, ports, replay);
  }
  const { book, from, events } = replay;
  book.settle(clock.now());
  const ms = Math.round(clock.monotonic() - started);
  logger.info({ partition, epoch, from, events, liveCalls: book.liveCount, ms }, 'claimed and replayed');
  metrics.restoreSeconds.set({ partition }, ms / 1_000);
  return { book, epoch, from, events };
}

async function readOn(partition: number, epoch: number, ports: OwnerPorts, replay: Replay): Promise<void> {
  const from = replay.next;
  if (from > epoch) throw new SnapshotUnfit(`it is of ${from}, the claim at ${epoch}`);
  await readThrough(ports.log, partition, { from, epoch }, (commit) => replay.take(commit));
}
