import { setImmediate } from 'node:timers/promises';
import { packRecent, unpackRecent, type CallState, type PackedRecent } from '@ringback/domain';
import { parkedBecause, type BookCut, type CallBook, type KeptCall } from './call-book.ts';
import { limits } from './limits.ts';

/** Where in the log a snapshot stands, and who wrote what stands there: the same place of another log is another's. */
export interface Place {
  readonly position: number;
  readonly owner: string;
}

interface CallLine extends Pick<KeptCall, 'callId' | 'outcomes'> {
  readonly view?: CallState['view'];
  readonly recent: PackedRecent;
  readonly parked?: string;
}

type Line =
  | { readonly place: Place }
  | { readonly call: CallLine }
  | { readonly ended: BookCut['ended'] }
  /** How many lines there were before this one, the last. */
  | { readonly end: number };

function* linesOf(cut: BookCut, place: Place): Iterable<Line> {
  yield { place };
  for (const { callId, state, outcomes, parked } of cut.calls) {
    const { view, recent } = state;
    const call = { callId, view, recent: packRecent(recent), outcomes };
    yield { call: parked === undefined ? call : { ...call, parked: parkedBecause(parked) } };
  }
  for (let i = 0; i < cut.ended.length; i += limits.snapshotEndedPerLineMax)
    yield { ended: cut.ended.slice(i, i + limits.snapshotEndedPerLineMax) };
}

/**
 * A cut as lines of JSON, a call each. Members stand in the order that the fold put them in, which is the same
 * wherever the same events are folded. The loop is let go between slices.
 *
 * @param timed runs the work on each slice, for whoever wants to know how long the loop was kept.
 */
export async function* encodeCut(
  cut: BookCut,
  place: Place,
  timed: <T>(work: () => T) => T = (work) => work(),
): AsyncIterable<Uint8Array> {
  const slices = slicesOf(cut, place);
  for (;;) {
    const { done, value } = timed(() => slices.next());
    if (done === true) return;
    yield value;
    await setImmediate();
  }
}

function* slicesOf(cut: BookCut, place: Place): Generator<Uint8Array, void> {
  let text = '';
  let count = 0;
  for (const line of linesOf(cut, place)) {
    text += `${JSON.stringify(line)}\n`;
    count += 1;
    if (text.length < limits.snapshotSliceBytes) continue;
    yield Buffer.from(text);
    text = '';
  }
  const end: Line = { end: count };
  yield Buffer.from(`${text}${JSON.stringify(end)}\n`);
}

/**
 * Fills an empty book.
 *
 * @throws where the lines are not what `encodeCut` writes, or not all; the book is of no use then.
 */
export async function decodeInto(book: CallBook, bytes: AsyncIterable<Uint8Array>): Promise<Place> {
  let place: Place | undefined;
  let count = 0;
  let ended = false;
  for await (const text of linesIn(bytes)) {
    const line = JSON.parse(text) as Line;
    if ('end' in line) ended = line.end === count;
    else if ('place' in line) ({ place } = line);
    else if ('ended' in line) book.restore({ ended: line.ended });
    else {
      const { callId, view, recent, outcomes, parked } = line.call;
      const state = { view, recent: unpackRecent(recent) };
      const fault = parked === undefined ? undefined : new Error(parked);
      book.restore({ calls: [{ callId, state, outcomes, parked: fault }] });
    }
    count += 1;
  }
  if (!ended || !Number.isInteger(place?.position)) throw new TypeError('the snapshot is not whole');
  return place!;
}

async function* linesIn(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let slice = 0;
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
    slice += piece.length;
    if (slice < limits.snapshotSliceBytes) continue;
    slice = 0;
    // The process serves other partitions.
    await setImmediate();
  }
  if (rest !== '') throw new TypeError('the snapshot ends in the middle of a line');
}
