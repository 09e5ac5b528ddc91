import { tableRef, type Trx } from '@ringback/projections';
import type { CallSummary, ViewQuestion } from '@ringback/schemas';
import { sql, type RawBuilder } from 'kysely';
import { summaryOf, type CallRow } from './projections/calls.ts';

export type CallsQuestion = Extract<ViewQuestion, { ask: 'calls' }>;

/** One page of the call list, newest first. `schema`: of the live copy of the view. */
export async function listCalls(
  trx: Trx,
  schema: string,
  question: CallsQuestion,
): Promise<{ calls: CallSummary[]; more: boolean }> {
  const { tenantId, userId, callId, status, before, limit } = question;
  // Of one user, their own rows are walked; of all, those of the calls. Either way the index is in the order of the page.
  const walked = userId === undefined ? sql.id('c') : sql.id('u');
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (tenantId !== undefined) conditions.push(sql`${walked}.tenant_id = ${tenantId}`);
  if (userId !== undefined) conditions.push(sql`u.user_id = ${userId}`);
  if (callId !== undefined) conditions.push(sql`${walked}.call_id = ${callId}`);
  if (status !== undefined) conditions.push(sql`c.status = ${status}`);
  if (before !== undefined)
    conditions.push(sql`(${walked}.created_at, ${walked}.call_id) < (${before.createdAt}, ${before.callId})`);
  const from =
    userId === undefined
      ? sql`${tableRef(schema, 'call')} c`
      : sql`${tableRef(schema, 'call_user')} u join ${tableRef(schema, 'call')} c on c.call_id = u.call_id`;
  const { rows } = await sql<CallRow>`select c.* from ${from} where ${sql.join(conditions, sql` and `)}
    order by ${walked}.created_at desc, ${walked}.call_id desc limit ${limit + 1}`.execute(trx);
  return { calls: rows.slice(0, limit).map(summaryOf), more: rows.length > limit };
}

/** How far a call is in a view; 0 where the view does not know it. */
export async function seqOf(trx: Trx, schema: string, callId: string): Promise<number> {
  const { rows } = await sql<{ seq: number }>`select seq from ${tableRef(schema, 'call_state')}
    where call_id = ${callId}`.execute(trx);
  return rows[0]?.seq ?? 0;
}
