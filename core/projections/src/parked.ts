import { partitionOf, type CallEvent } from '@ringback/schemas';
import { sql } from 'kysely';
import { addHash, foldCall, type Entry } from './fold-batch.ts';
import { tableRef, type Database, type Trx } from './postgres.ts';
import { callOf, parkedEvents, viewTransaction } from './postgres-view-store.ts';
import { UnfitData, viewName, type Parked, type StoredCall, type View } from './view-store.ts';

export interface ParkedCall extends Parked {
  readonly callId: string;
}

/** @param max the newest are given. */
export async function listParked(trx: Trx, schema: string, max: number): Promise<ParkedCall[]> {
  const { rows } = await sql<{ call_id: string; parked: string }>`select call_id, parked
    from ${tableRef(schema, 'call_state')} where parked is not null order by call_id desc limit ${max}`.execute(
    trx,
  );
  return rows.map(({ call_id: callId, parked }) => ({ callId, ...(JSON.parse(parked) as Parked) }));
}

/** A parked call of a view, with the facts that wait beside it; absent where it is not parked. */
export async function showParked(
  trx: Trx,
  view: View,
  callId: string,
): Promise<{ call: StoredCall & { parked: Parked }; events: CallEvent[] } | undefined> {
  const { rows } = await sql<{ seq: number; state: string; parked: string | null }>`select seq, state, parked
    from ${tableRef(viewName(view), 'call_state')} where call_id = ${callId}`.execute(trx);
  const call = rows[0] === undefined ? undefined : callOf(rows[0]);
  if (call?.parked === undefined) return undefined;
  return { call: { ...call, parked: call.parked }, events: await parkedEvents(trx, view, callId) };
}

/**
 * Folds what waits beside the view again, with the code that is here now.
 *
 * @returns why it is parked still; `undefined` where it is back; `unknown` where it was not parked.
 */
export async function retryParked(
  db: Database,
  view: View,
  callId: string,
): Promise<Parked | undefined | 'unknown'> {
  try {
    return await db.transaction().execute((trx) => retry(trx, view, callId));
  } catch (error) {
    if (!(error instanceof UnfitData)) throw error;
    const found = await db.transaction().execute((trx) => showParked(trx, view, callId));
    return found === undefined ? 'unknown' : { ...found.call.parked, reason: error.message };
  }
}

async function retry(trx: Trx, view: View, callId: string): Promise<Parked | undefined | 'unknown'> {
  const on = viewTransaction(trx);
  const partition = partitionOf(callId);
  // Holds the runner off.
  const at = await on.position(view, partition);
  const found = await showParked(trx, view, callId);
  if (found === undefined) return 'unknown';
  const { call, events } = found;
  if (call.parked.over !== undefined) return call.parked;
  const byseq = new Map(events.map((event) => [event.sequence, event]));
  const entries: Entry[] = [];
  for (let { seq } = call.parked; seq <= call.seq; seq++)
    entries.push({ position: at.position, callId, seq, event: byseq.get(seq) });
  const before = { seq: call.parked.seq - 1, state: call.state };
  const { change, hashDelta } = foldCall(view.projection, callId, before, entries, call.parked.since);
  const { parked } = change.after;
  await forget(trx, view, callId, parked?.seq ?? Infinity);
  await on.save(view, [change]);
  await on.move(view, partition, { ...at, hash: addHash(at.hash, hashDelta) });
  return parked;
}

/** Gives the call up in this view: it stays as it is, and what waits beside it is thrown away. @returns whether it was parked */
export function dropParked(db: Database, view: View, callId: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const on = viewTransaction(trx);
    await on.position(view, partitionOf(callId));
    const found = await showParked(trx, view, callId);
    if (found === undefined) return false;
    const { call } = found;
    await forget(trx, view, callId, Infinity);
    const after = { ...call, parked: { ...call.parked, kept: 0, over: 'dropped' as const } };
    await on.save(view, [{ callId, after, upserts: [], deletes: [], waiting: [] }]);
    return true;
  });
}

/** @param before sequence */
async function forget(trx: Trx, view: View, callId: string, before: number): Promise<void> {
  const max = Math.min(before, 2 ** 31 - 1);
  await sql`delete from ${tableRef(viewName(view), 'parked_events')}
    where call_id = ${callId} and seq < ${max}`.execute(trx);
}
