import {
  clientMessageSchema,
  clientMessageTypes,
  commandIdSchema,
  reject,
  rejectInput,
  type ClientMessage,
  type Rejection,
} from '@ringback/schemas';

export type ParsedMessage =
  | { readonly message: ClientMessage }
  /** `id` null: it has none that can be read. */
  | { readonly message?: undefined; readonly id: string | null; readonly error: Rejection };

/** Reads one frame from a client. Never throws, whatever it holds. */
export function parseClientMessage(text: string): ParsedMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { id: null, error: reject('malformed') };
  const { id, type } = value as { id?: unknown; type?: unknown };
  const readableId = commandIdSchema.safeParse(id).data ?? null;
  if (typeof type === 'string' && !clientMessageTypes.has(type))
    return { id: readableId, error: reject('unknown_type', undefined, 'type') };
  const parsed = clientMessageSchema.safeParse(value);
  return parsed.success ? { message: parsed.data } : { id: readableId, error: rejectInput(parsed.error) };
}

/** The id of a message that is not read any further. Ours put it near the front. */
export function peekId(text: string | undefined): string | null {
  return /"id"\s*:\s*"([0-9a-f-]{36})"/.exec(text?.slice(0, 300) ?? '')?.[1] ?? null;
}
