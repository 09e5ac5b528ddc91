import { claim, readThrough } from '@ringback/eventlog';
import { decodeInto, type Place } from './book-lines.ts';
import { CallBook, type CallEntry } from './call-book.ts';
import { limits } from './limits.ts';
import type { OwnerPorts } from './partition-owner.ts';
import { stateFormat } from './state-format.ts';

export interface Recovered {
  readonly book: CallBook;
  /** Position of the claim. */
  readonly epoch: number;
  /** Position that was read from: 1, or that of the snapshot. */
  readonly from: number;
  /** Events that no snapshot held. */
  readonly events: number;
}

/** A snapshot that is not of this log as it is now. */
class SnapshotUnfit extends Error {
  override readonly name = 'SnapshotUnfit';
}

/**
 * Claims a partition and makes its book: from the newest snapshot of this code and what was committed since, else from
 * the whole log. The log line says which.
 *
 * @throws ClaimFailed, UndecodableCommit; a call that can not be folded is parked and stops nobody else
 */
export async function recover(partition: number, owner: string, ports: OwnerPorts): Promise<Recovered> {
  const started = performance.now();
  const epoch = await claim(ports.log, partition, owner);
  const recovered =
    (await fromSnapshot(partition, epoch, ports)) ??
    (await replay(partition, epoch, ports, newBook(partition, ports)));
  const { book, ...read } = recovered;
  const ms = Math.round(performance.now() - started);
  ports.logger.info({ partition, ...read, liveCalls: book.liveCount, ms }, 'claimed and replayed');
  ports.metrics.restoreSeconds.set({ partition }, ms / 1_000);
  return recovered;
}

/** A snapshot is a cache: where anything is wrong with it, there is none. What is wrong with the log is thrown. */
async function fromSnapshot(
  partition: number,
  epoch: number,
  ports: OwnerPorts,
): Promise<Recovered | undefined> {
  const book = newBook(partition, ports);
  const unusable = (err: unknown) =>
    ports.logger.warn({ partition, epoch, err }, 'snapshot not usable: the whole log is replayed');
  let place: Place;
  try {
    const key = { codeVersion: ports.codeVersion, stateFormat };
    const newest = await ports.snapshots?.newest(partition, key);
    if (newest === undefined) return undefined;
    place = await decodeInto(book, newest.bytes);
  } catch (error) {
    unusable(error);
    return undefined;
  }
  try {
    if (place.position > epoch) throw new SnapshotUnfit(`it is of ${place.position}, the claim at ${epoch}`);
    return await replay(partition, epoch, ports, book, place);
  } catch (error) {
    if (!(error instanceof SnapshotUnfit)) throw error;
    unusable(error);
    return undefined;
  }
}

/** @param place of what the book holds already. */
async function replay(
  partition: number,
  epoch: number,
  { log, clock }: OwnerPorts,
  book: CallBook,
  place?: Place,
): Promise<Recovered> {
  const now = clock.now();
  const from = place?.position ?? 1;
  let events = 0;
  let first = place !== undefined;
  await readThrough(log, partition, { from, epoch }, ({ position, body }) => {
    if (first) {
      // Owners are unique for ever: the same one in the same place is the same log.
      if (position !== from || body.owner !== place?.owner)
        throw new SnapshotUnfit(`position ${from} of the log is not what the snapshot ends with`);
      first = false;
      return;
    }
    for (const event of body.events) book.replay(event, now);
    events += body.events.length;
    // So that a long log does not hold every call it ever had at once.
    if (position % 1_000 === 0) book.settle(now);
  });
  book.settle(now);
  return { book, epoch, from, events };
}

function newBook(partition: number, { logger, metrics }: OwnerPorts): CallBook {
  const onParked = ({ callId, parked }: CallEntry) => {
    metrics.parked.inc();
    logger.error({ partition, callId, err: parked }, 'call parked');
  };
  const said = new Set<string>();
  return new CallBook(onParked, ({ type }) => {
    metrics.skipped(type);
    if (said.size >= limits.skippedTypesMax || said.has(type)) return;
    said.add(type);
    logger.warn({ partition, type }, 'events of a type that only newer code knows are skipped');
  });
}
