import { textWithoutCause, visibleTo } from '@ringback/domain';
import type { CallEvent } from '@ringback/schemas';

/** One recipient's place in one call. Pure: says what to send, sends nothing. */
export class Subscription {
  readonly callId: string;
  /** Who it is in the call; `undefined` for one who watches and sees everything. */
  readonly participantId: string | undefined;
  /** Last event looked at. */
  #position: number;
  /** Last event delivered, or the place that the recipient named: what `after` says. */
  #after: number;

  constructor(callId: string, participantId: string | undefined, position: number) {
    this.callId = callId;
    this.participantId = participantId;
    this.#position = position;
    this.#after = position;
  }

  get position(): number {
    return this.#position;
  }

  /** Starts anew behind a snapshot. */
  jump(seq: number): void {
    this.#position = seq;
    this.#after = seq;
  }

  /**
   * The message for the next event, or nothing where it was seen already or is not for this recipient.
   *
   * @throws Error where an event is left out: a gap is never passed on.
   */
  take(event: CallEvent): string | undefined {
    const { sequence } = event;
    if (sequence <= this.#position) return undefined;
    if (sequence !== this.#position + 1)
      throw new Error(`${this.callId}: ${sequence} follows ${this.#position}`);
    this.#position = sequence;
    if (this.participantId !== undefined && !visibleTo(event, this.participantId)) return undefined;
    const message = messageOf(event, this.#after, this.participantId === undefined);
    this.#after = sequence;
    return message;
  }
}

/** About as many bytes as it takes in memory and in messages. */
export function eventLength(event: CallEvent): number {
  return textsOf(event).full.length;
}

interface Texts {
  readonly event: CallEvent | undefined;
  readonly full: string;
  /** Without the command behind it. */
  readonly toPeople: string;
  /** The messages made last: almost everybody was told the same before. */
  readonly messages: { readonly watching: Message; readonly inCall: Message };
}

interface Message {
  after: number;
  text: string;
}

/** What was written last: an event is kept and sent to everybody in one stretch, and written once for that. */
let last = written(undefined, '', '');

export function textsOf(event: CallEvent): Texts {
  if (event !== last.event) {
    const full = JSON.stringify(event);
    last = written(event, full, textWithoutCause(event, full));
  }
  return last;
}

function written(event: CallEvent | undefined, full: string, toPeople: string): Texts {
  const nothing = { after: -1, text: '' };
  return { event, full, toPeople, messages: { watching: { ...nothing }, inCall: { ...nothing } } };
}

/** The message about an event, the same string for all of whom it says the same. @param watching sees everything. */
export function messageOf(event: CallEvent, after: number, watching: boolean): string {
  const { full, toPeople, messages } = textsOf(event);
  const message = watching ? messages.watching : messages.inCall;
  if (message.after !== after) {
    message.after = after;
    message.text = `{"type":"event","callId":"${event.subject}","seq":${event.sequence},"after":${after},"event":${watching ? full : toPeople}}`;
  }
  return message.text;
}
