import { partitionOf, type CallEvent } from '@ringback/schemas';
import { addHash, foldCall, type Entry } from './fold-batch.ts';
import {
  UnfitData,
  type Parked,
  type StoredCall,
  type View,
  type ViewStore,
  type ViewTransaction,
} from './view-store.ts';

/** A parked call of a view, with the facts that wait beside it; absent where it is not parked. */
export async function showParked(
  trx: ViewTransaction,
  view: View,
  callId: string,
): Promise<{ call: StoredCall & { parked: Parked }; events: CallEvent[] } | undefined> {
  const call = (await trx.load(view, [callId])).get(callId);
  if (call?.parked === undefined) return undefined;
  return { call: { ...call, parked: call.parked }, events: await trx.waiting(view, callId) };
}

/**
 * Folds what waits beside the view again, with the code that is here now.
 *
 * @returns why it is parked still; `undefined` where it is back; `unknown` where it was not parked.
 */
export async function retryParked(
  store: ViewStore,
  view: View,
  callId: string,
): Promise<Parked | undefined | 'unknown'> {
  try {
    return await store.transaction((trx) => retry(trx, view, callId));
  } catch (error) {
    if (!(error instanceof UnfitData)) throw error;
    const found = await store.transaction((trx) => showParked(trx, view, callId));
    return found === undefined ? 'unknown' : { ...found.call.parked, reason: error.message };
  }
}

async function retry(
  trx: ViewTransaction,
  view: View,
  callId: string,
): Promise<Parked | undefined | 'unknown'> {
  const partition = partitionOf(callId);
  // Holds the runner off.
  const at = await trx.position(view, partition);
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
  await trx.forget(view, callId, parked?.seq ?? Infinity);
  await trx.save(view, [change]);
  await trx.move(view, partition, { ...at, hash: addHash(at.hash, hashDelta) });
  return parked;
}

/** Gives the call up in this view: it stays as it is, and what waits beside it is thrown away. @returns whether it was parked */
export function dropParked(store: ViewStore, view: View, callId: string): Promise<boolean> {
  return store.transaction(async (trx) => {
    await trx.position(view, partitionOf(callId));
    const found = await showParked(trx, view, callId);
    if (found === undefined) return false;
    const { call } = found;
    await trx.forget(view, callId, Infinity);
    const after = { ...call, parked: { ...call.parked, kept: 0, over: 'dropped' as const } };
    await trx.save(view, [{ callId, after, upserts: [], deletes: [], waiting: [] }]);
    return true;
  });
}
