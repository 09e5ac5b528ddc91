import { limits } from './limits.ts';

/** People, those who watch, and some who were told something alone before: earlier ways to go on are forgotten. */
const branchesMax = 4;

/**
 * What waits for a socket in one tick: messages, each behind the one before. Sockets that are told the same in the same
 * order stand at the same place, so what goes to a thousand of them is joined and encoded once.
 */
export class Gathered {
  readonly #before: Gathered | undefined;
  readonly #message: string;
  /** Messages up to here. */
  readonly count: number;
  #branches: Gathered[] | undefined;
  #frames: readonly Buffer[] | undefined;

  private constructor(before: Gathered | undefined, message: string) {
    this.#before = before;
    this.#message = message;
    this.count = before === undefined ? 0 : before.count + 1;
  }

  /** Where everybody begins: nothing waits. One for each tick, or what was sent would be kept. */
  static nothing(): Gathered {
    return new Gathered(undefined, '');
  }

  /** The place behind this one where the message waits too. */
  with(message: string): Gathered {
    const branches = (this.#branches ??= []);
    for (const branch of branches) if (branch.#message === message) return branch;
    const made = new Gathered(this, message);
    if (branches.length === branchesMax) branches.shift();
    branches.push(made);
    return made;
  }

  /** All messages up to here as JSON arrays in UTF-8: one frame, more only where it would be too long. */
  get frames(): readonly Buffer[] {
    return (this.#frames ??= framesOf(Gathered.#messagesUpTo(this)));
  }

  static #messagesUpTo(last: Gathered): string[] {
    const messages: string[] = [];
    for (let at = last; at.#before !== undefined; at = at.#before) messages.push(at.#message);
    return messages.reverse();
  }
}

function framesOf(messages: readonly string[]): Buffer[] {
  const frames: Buffer[] = [];
  for (let from = 0; from < messages.length;) {
    let bytes = 0;
    let to = from;
    while (to < messages.length && (to === from || bytes + messages[to]!.length <= limits.frameBytesMax))
      bytes += messages[to++]!.length;
    frames.push(Buffer.from(`[${messages.slice(from, to).join(',')}]`));
    from = to;
  }
  return frames;
}
