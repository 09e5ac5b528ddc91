import { clientMessageSchema, commandIdSchema, rejections, type Rejection } from '@ringback/schemas';
import { limits } from './limits.ts';

/** A reply as far as it is looked at. */
export interface HeardReply {
  readonly id: string | null;
  readonly ok: boolean;
  readonly error?: Rejection;
}

interface Sent {
  readonly text: string | Uint8Array;
  /** As the contract has it; undefined where the message is no JSON object. */
  readonly fits: boolean | undefined;
}

/** The id that a reply to this must have: null where there is none that can be read. */
export function idOf(text: string | Uint8Array): string | null {
  const value = objectOf(text);
  return commandIdSchema.safeParse(value?.id).data ?? null;
}

function objectOf(text: string | Uint8Array): Record<string, unknown> | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    // A mark at the beginning of UTF-8 is none of the text.
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Will be counted as no JSON, ten of which end a socket. */
export function isMalformed(text: string | Uint8Array): boolean {
  return typeof text === 'string' && objectOf(text) === undefined;
}

/** What is said of a message that is not read any further. */
const ofForm: ReadonlySet<string> = new Set([
  ...['invalid', 'unknown_type', 'malformed', 'binary_not_supported', 'too_large', 'rate_limited'],
]);
const ours: ReadonlySet<string> = new Set(['internal_error', 'unknown_outcome']);

/**
 * The account of one socket: each message gets exactly one reply, which says what the contract says. What is
 * wrong is told to `fault`; nothing is thrown.
 */
export class Conversation {
  readonly #fault: (what: string) => void;
  readonly #open = new Map<string | null, Sent[]>();
  #waiting = 0;
  #done: (() => void) | undefined;
  readonly replies = new Map<string, HeardReply>();
  readonly codes = new Map<string, number>();

  constructor(fault: (what: string) => void) {
    this.#fault = fault;
  }

  get waiting(): number {
    return this.#waiting;
  }

  sent(text: string | Uint8Array): void {
    const id = idOf(text);
    const value = objectOf(text);
    const list = this.#open.get(id) ?? [];
    list.push({ text, fits: value === undefined ? undefined : clientMessageSchema.safeParse(value).success });
    this.#open.set(id, list);
    this.#waiting += 1;
  }

  heard(reply: HeardReply): void {
    const list = this.#open.get(reply.id);
    const sent = list?.shift();
    if (sent === undefined) {
      this.#fault(`a reply that nobody asked for: ${short(JSON.stringify(reply))}`);
      return;
    }
    if (list?.length === 0) this.#open.delete(reply.id);
    this.#check(sent, reply, list?.length === 0);
    const code = reply.ok ? 'ok' : (reply.error?.code ?? 'none');
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    if (reply.id !== null) this.replies.set(reply.id, reply);
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#done?.();
  }

  /** @param alone Whether no other message with this id is open, whose reply it might be. */
  #check({ text, fits }: Sent, { ok, error }: HeardReply, alone: boolean): void {
    const what = () => `${JSON.stringify(error) ?? 'ok'} to ${short(text)}`;
    if (ok) {
      if (fits !== true && alone) this.#fault(`done though it breaks the contract: ${what()}`);
      return;
    }
    if (error === undefined || !(error.code in rejections)) return this.#fault(`no stable code: ${what()}`);
    if (ours.has(error.code)) this.#fault(`our own fault: ${what()}`);
    if (!/^\S.{8,}/s.test(error.message) || /\bat .*:\d+:\d+/.test(error.message))
      this.#fault(`no sentence for a person: ${what()}`);
    if (error.code === 'invalid' && fits === true && alone && error.field === undefined)
      this.#fault(`no field is named: ${what()}`);
    if (fits !== true && alone && !ofForm.has(error.code))
      this.#fault(`taken for whole though it breaks the contract: ${what()}`);
  }

  /** Settles when all is answered. @returns false where that takes too long, or the socket ended. */
  async answered(ended: Promise<unknown>): Promise<boolean> {
    if (this.#waiting === 0) return true;
    let timer: NodeJS.Timeout | undefined;
    const all = new Promise<boolean>((resolve) => (this.#done = () => resolve(true)));
    const late = new Promise<boolean>(
      (resolve) => (timer = setTimeout(() => resolve(false), limits.replyMs)),
    );
    const done = await Promise.race([all, late, ended.then(() => this.#waiting === 0)]);
    clearTimeout(timer);
    this.#done = undefined;
    return done;
  }

  /** What was never answered. */
  get unanswered(): string[] {
    return [...this.#open.values()].flat().map(({ text }) => short(text));
  }
}

function short(text: string | Uint8Array): string {
  if (typeof text !== 'string') return `${text.length} bytes`;
  return text.length <= 400 ? text : `${text.slice(0, 400)}… (${text.length} characters)`;
}
