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
