import { createHash } from 'node:crypto';
import { canonicalJson } from '@ringback/domain';
import { current, type CallEvent } from '@ringback/schemas';
import { limits } from './limits.ts';
import type { Projection, Row, Rows } from './projection.ts';
import type { Change, Parked, StoredCall, TableRow } from './view-store.ts';

/** One fact of a batch; without `event` where no view of the group handles its type. */
export interface Entry {
  readonly position: number;
  readonly callId: string;
  readonly seq: number;
  readonly event: CallEvent | undefined;
}

export interface Folded {
  readonly changes: readonly Change[];
  /** To be added to the hash of the view's rows, modulo 2^256. */
  readonly hashDelta: bigint;
  /** Calls that were parked just now. */
  readonly parked: readonly { readonly callId: string; readonly parked: Parked }[];
}

/**
 * What a batch makes of the calls in it. Pure.
 *
 * @param before what the view has of these calls
 * @param now milliseconds since 1970
 */
export function foldBatch(
  projection: Projection,
  before: ReadonlyMap<string, StoredCall>,
  entries: Iterable<Entry>,
  now: number,
): Folded {
  const byCall = new Map<string, Entry[]>();
  for (const entry of entries) {
    const of = byCall.get(entry.callId);
    if (of === undefined) byCall.set(entry.callId, [entry]);
    else of.push(entry);
  }
  const changes: Change[] = [];
  const parked: { callId: string; parked: Parked }[] = [];
  let hashDelta = 0n;
  for (const [callId, of] of byCall) {
    const old = before.get(callId);
    const folded = foldCall(projection, callId, old, of, now);
    changes.push(folded.change);
    hashDelta += folded.hashDelta;
    const { parked: is } = folded.change.after;
    if (is !== undefined && old?.parked === undefined) parked.push({ callId, parked: is });
  }
  return { changes, hashDelta, parked };
}

export function foldCall(
  projection: Projection,
  callId: string,
  before: StoredCall | undefined,
  entries: readonly Entry[],
  now: number,
): { change: Change; hashDelta: bigint } {
  let call: StoredCall = before ?? { seq: 0, state: null };
  const waiting: CallEvent[] = [];
  for (const { seq, event } of entries) {
    const handled = event !== undefined && projection.handles.has(event.type) ? event : undefined;
    if (call.parked !== undefined) {
      call = { ...call, seq, parked: keep(call.parked, handled, waiting) };
      continue;
    }
    if (seq !== call.seq + 1) {
      const gap = new Error(`event ${seq} stands where ${call.seq + 1} belongs`);
      // Tried again, what follows would be folded as if nothing were missing.
      call = { ...call, seq, parked: { ...newlyParked(call.seq + 1, gap, now), over: 'gap' } };
      continue;
    }
    try {
      const state =
        handled === undefined ? call.state : projection.evolve(call.state ?? undefined, current(handled));
      call = { seq, state };
    } catch (error) {
      call = { ...call, seq, parked: keep(newlyParked(seq, error, now), handled, waiting) };
    }
  }
  try {
    return changeOf(projection, callId, before, call, waiting);
  } catch (error) {
    return parkWhole(projection, callId, before, entries, error, now);
  }
}

/** As it was before, and all of the batch beside it: where rows can not be made, or not be stored. */
export function parkWhole(
  projection: Projection,
  callId: string,
  before: StoredCall | undefined,
  entries: readonly Entry[],
  error: unknown,
  now: number,
): { change: Change; hashDelta: bigint } {
  let parked = before?.parked ?? newlyParked(entries[0]!.seq, error, now);
  const waiting: CallEvent[] = [];
  for (const { event } of entries)
    if (event !== undefined && projection.handles.has(event.type)) parked = keep(parked, event, waiting);
  const after = { state: before?.state ?? null, seq: entries.at(-1)!.seq, parked };
  return { change: { callId, after, upserts: [], deletes: [], waiting }, hashDelta: 0n };
}

function newlyParked(seq: number, error: unknown, now: number): Parked {
  const reason = (error instanceof Error ? error.message : String(error)).slice(0, limits.reasonLengthMax);
  // Text in Postgres holds everything but this.
  return { seq, reason: reason.replaceAll('\u0000', '\ufffd'), since: now, kept: 0 };
}

function keep(parked: Parked, event: CallEvent | undefined, waiting: CallEvent[]): Parked {
  if (event === undefined || parked.over !== undefined) return parked;
  if (parked.kept >= limits.parkedEventsPerCallMax) return { ...parked, over: 'full' };
  waiting.push(event);
  return { ...parked, kept: parked.kept + 1 };
}

function changeOf(
  projection: Projection,
  callId: string,
  before: StoredCall | undefined,
  after: StoredCall,
  waiting: readonly CallEvent[],
): { change: Change; hashDelta: bigint } {
  const was = rowsOf(projection, callId, before);
  const is = rowsOf(projection, callId, after);
  const upserts: TableRow[] = [];
  const deletes: TableRow[] = [];
  let hashDelta = 0n;
  for (const [key, row] of is) {
    const old = was.get(key);
    if (old?.text === row.text) continue;
    upserts.push(row);
    hashDelta += hashOf(callId, row.text) - (old === undefined ? 0n : hashOf(callId, old.text));
  }
  for (const [key, row] of was) {
    if (is.has(key)) continue;
    deletes.push(row);
    hashDelta -= hashOf(callId, row.text);
  }
  return { change: { callId, after, upserts, deletes, waiting }, hashDelta };
}

/** A call's rows by table and key. A parked call keeps those that it had: its state and sequence stand still. */
function rowsOf(projection: Projection, callId: string, call: StoredCall | undefined) {
  const found = new Map<string, TableRow & { readonly text: string }>();
  if (call === undefined || call.state === null) return found;
  const seq = call.parked === undefined ? call.seq : call.parked.seq - 1;
  const rows: Rows = projection.rows(callId, seq, call.state);
  for (const { name: table, key } of projection.tables)
    for (const row of rows[table] ?? []) {
      const text = rowText(table, row);
      found.set(JSON.stringify([table, ...key.map((column) => row[column])]), { table, row, text });
    }
  return found;
}

export function rowText(table: string, row: Row): string {
  return canonicalJson([table, row]);
}

export function hashOf(callId: string, text: string): bigint {
  return BigInt(`0x${createHash('sha256').update(callId).update(text).digest('hex')}`);
}

export function addHash(hash: string, delta: bigint): string {
  return BigInt.asUintN(256, BigInt(`0x${hash}`) + delta)
    .toString(16)
    .padStart(64, '0');
}
