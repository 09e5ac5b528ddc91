import { reject, rejectInput, type Rejection } from '@ringback/schemas';
import type { z } from 'zod';
import { limits } from './limits.ts';

/** RFC 8259 section 8.1: JSON that is sent is UTF-8; what is not would come to stand for something that nobody wrote. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @param body undefined: it was longer than is read. */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: Buffer | undefined,
): { value: z.infer<Schema> } | Rejection {
  if (body === undefined) return reject('too_large', `The body is longer than ${limits.bodyBytesMax} bytes.`);
  let value: unknown;
  try {
    value = body.length === 0 ? {} : JSON.parse(utf8.decode(body));
  } catch {
    return reject('malformed', 'The body is not valid JSON.');
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? { value: parsed.data } : rejectInput(parsed.error);
}
