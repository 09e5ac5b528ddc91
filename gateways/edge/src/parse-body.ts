import { reject, rejectInput, type Rejection } from '@ringback/schemas';
import type { z } from 'zod';
import { limits } from './limits.ts';

/** @param body undefined: it was longer than is read. */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: Buffer | undefined,
): { value: z.infer<Schema> } | Rejection {
  if (body === undefined) return reject('too_large', `The body is longer than ${limits.bodyBytesMax} bytes.`);
  let value: unknown;
  try {
    value = body.length === 0 ? {} : JSON.parse(body.toString());
  } catch {
    return reject('malformed', 'The body is not valid JSON.');
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? { value: parsed.data } : rejectInput(parsed.error);
}
