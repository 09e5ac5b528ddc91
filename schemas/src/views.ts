import { z } from 'zod';
import { callEventSchema } from './call/events.ts';
import { callSummarySchema } from './call/view.ts';
import { callIdSchema, tenantIdSchema, userIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { rejectionSchema } from './rejections.ts';

/** Messages between whoever reads views and the worker that keeps them, on `subjects.viewQuestions` and `.viewOrders`. Internal: may change with any version. */

/** The last call of a page: newest first, and calls made in one moment by id. */
export const callsPlaceSchema = z.strictObject({ createdAt: z.number(), callId: callIdSchema });
export type CallsPlace = z.infer<typeof callsPlaceSchema>;

export const viewQuestionSchema = z.discriminatedUnion('ask', [
  /** Without a tenant: of all tenants, for operators. */
  z.strictObject({
    ask: z.literal('calls'),
    tenantId: tenantIdSchema.optional(),
    userId: userIdSchema.optional(),
    callId: callIdSchema.optional(),
    status: z.enum(['open', 'ended']).optional(),
    before: callsPlaceSchema.optional(),
    atLeast: z.strictObject({ callId: callIdSchema, seq: z.int() }).optional(),
    limit: z.int().min(1).max(limits.callsPageMax),
  }),
  z.strictObject({ ask: z.literal('views') }),
  z.strictObject({ ask: z.literal('parked') }),
  z.strictObject({ ask: z.literal('parked-call'), view: z.string(), callId: callIdSchema }),
]);
export type ViewQuestion = z.infer<typeof viewQuestionSchema>;

export const viewOrderSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('retry'), view: z.string(), callId: callIdSchema }),
  z.strictObject({ do: z.literal('drop'), view: z.string(), callId: callIdSchema }),
  z.strictObject({ do: z.literal('rebuild'), view: z.string() }),
]);
export type ViewOrder = z.infer<typeof viewOrderSchema>;

/** A call that can not be folded any further: in a view, or by its owner. */
export const parkedShape = {
  callId: callIdSchema,
  /** The event that could not be folded. */
  seq: z.int(),
  reason: z.string(),
  /** Milliseconds since 1970. */
  since: z.number(),
  /** Facts that wait beside the view. */
  kept: z.int(),
  /** No longer kept: given up by an operator, too many, or some are missing or doubled. */
  over: z.enum(['dropped', 'full', 'gap']).optional(),
};
export const parkedSchema = z.strictObject({ view: z.string(), ...parkedShape });
export type ParkedInView = z.infer<typeof parkedSchema>;

/** A build of a view: how far it is, by partition. */
export const viewStatusSchema = z.strictObject({
  name: z.string(),
  version: z.int(),
  build: z.int(),
  /** Read from. */
  live: z.boolean(),
  /** False: of another version of the code, which stands still until its successor is built. */
  followed: z.boolean(),
  partitions: z.array(
    z.strictObject({
      partition: z.int(),
      position: z.int(),
      /** Last position of the log. */
      head: z.int(),
      hash: z.string(),
    }),
  ),
});
export type ViewStatus = z.infer<typeof viewStatusSchema>;

/** How the last rebuild of a view ended. */
export const rebuiltSchema = z.strictObject({
  view: z.string(),
  /** Whether the new rows are the old ones, at the same position; absent where the version changed. */
  same: z.boolean().optional(),
});
export type Rebuilt = z.infer<typeof rebuiltSchema>;

export const viewAnswerSchema = z.union([
  z.strictObject({ ok: z.literal(false), error: rejectionSchema }),
  z.strictObject({
    ok: z.literal(true),
    calls: z.array(callSummarySchema),
    more: z.boolean(),
    stale: z.boolean(),
  }),
  z.strictObject({ ok: z.literal(true), views: z.array(viewStatusSchema), rebuilt: z.array(rebuiltSchema) }),
  z.strictObject({ ok: z.literal(true), parked: z.array(parkedSchema) }),
  z.strictObject({ ok: z.literal(true), call: parkedSchema, events: z.array(callEventSchema) }),
  z.strictObject({ ok: z.literal(true) }),
]);
export type ViewAnswer = z.infer<typeof viewAnswerSchema>;
