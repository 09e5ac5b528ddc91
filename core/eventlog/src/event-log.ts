import type { CommitBody } from '@ringback/schemas';

/** One stored message: a commit of one partition, or an owner's claim to it. */
export interface StoredCommit {
  /** Its place in the partition: 1, 2, 3 … A claim's position is its owner's epoch. */
  readonly position: number;
  /** When the log stored it, milliseconds since 1970. */
  readonly time: number;
  readonly body: CommitBody;
}

export interface Append {
  readonly partition: number;
  readonly body: CommitBody;
  /** The body as JSON, where the writer has it anyway. Default: `JSON.stringify(body)`, which it must be equal to. */
  readonly text?: string;
  /** Unique for these bytes, for ever: has the process's incarnation in it. The same id with other bytes is a bug. */
  readonly id: string;
  /** Position of the last commit before it; `undefined` for a claim, which goes to the end whatever stands there. */
  readonly expected: number | undefined;
}

export type AppendResult =
  /** Durable at `position`, once. */
  | { readonly kind: 'stored'; readonly position: number }
  /** Not stored and never will be: somebody else's commit stands in its place. */
  | { readonly kind: 'fenced' }
  /** Not known, and no longer tried. Drop what rests on it and claim again. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

/**
 * The log: partitions of commits, each with one writer at a time. Positions are gapless per partition.
 * One append at a time per partition and owner; reads need no ownership.
 */
export interface EventLog {
  /** Never throws for what the log did: every outcome is a value. */
  append(request: Append): Promise<AppendResult>;
  /** From `from` (default 1) or from commits stored at `fromTime` (milliseconds since 1970), up to `to` (default: the head now). */
  read(
    partition: number,
    range?: { from?: number; fromTime?: number; to?: number },
  ): AsyncIterable<StoredCommit>;
  /**
   * From `from` on, for ever, until the signal.
   *
   * @throws ReadStalled where the log was away: it may have been made anew, or restored from a backup.
   */
  follow(partition: number, from: number, signal: AbortSignal): AsyncIterable<StoredCommit>;
}

/** Nothing came for too long: the log is away, or what was to be read was purged. Transient: try again. */
export class ReadStalled extends Error {
  override readonly name = 'ReadStalled';
}

/** A commit that is not ours, or damaged. It stops its partition: nothing behind it may be taken as read. */
export class UndecodableCommit extends Error {
  override readonly name = 'UndecodableCommit';
  readonly partition: number;
  readonly position: number;

  constructor(partition: number, position: number, cause: unknown) {
    super(`commit ${position} of partition ${partition} can not be decoded; the partition stops here`, {
      cause,
    });
    this.partition = partition;
    this.position = position;
  }
}
