import { withoutCause } from '@ringback/domain';
import type { CallEvent } from '@ringback/schemas';

/** An event with its JSON, which is made once: measured, appended, fed and kept as this text. */
export interface Written {
  readonly event: CallEvent;
  readonly text: string;
  readonly bytes: number;
}

export function write(event: CallEvent): Written {
  const text = JSON.stringify(event);
  return { event, text, bytes: Buffer.byteLength(text) };
}

/** The first member of a cause is the command's type: within a text its quotes would be escaped. */
const causeBegins = '"cause":{"command":';

/** The JSON of `withoutCause`, cut out of what is there: the cause stands last in the data, the data last in the event. */
export function textWithoutCause({ event, text }: Written): string {
  if (event.data.cause === undefined) return text;
  const at = text.lastIndexOf(causeBegins);
  const last = Object.keys(event.data).at(-1) === 'cause' && text.endsWith('}}}');
  if (at < 0 || !last) return JSON.stringify(withoutCause(event));
  return `${text.slice(0, text[at - 1] === ',' ? at - 1 : at)}}}`;
}
