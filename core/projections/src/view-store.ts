import type { CallEvent } from '@ringback/schemas';
import type { Projection, Row } from './projection.ts';

/** One copy of a projection's tables. A rebuild makes another build of the same version, or of the next one. */
export interface View {
  readonly projection: Projection;
  readonly build: number;
}

/** `calls@1.2`: name, version, build. */
export function viewName({ projection, build }: View): string {
  return `${projection.name}@${projection.version}.${build}`;
}

export interface Parked {
  /** The event that could not be folded, or the first one whose rows could not be written. */
  readonly seq: number;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Facts kept beside the view since. */
  readonly kept: number;
  /**
   * No longer kept: an operator gave the call up in this view, there were too many, or some are missing or doubled.
   * Only a rebuild puts it back.
   */
  readonly over?: 'dropped' | 'full' | 'gap';
}

/** What a view keeps of a call, besides its rows. */
export interface StoredCall {
  readonly seq: number;
  readonly state: unknown;
  readonly parked?: Parked;
}

/** How far a view is in one partition. */
export interface Position {
  /** Of the last commit in it; 0 before the first. */
  readonly position: number;
  /** When the log stored that commit, milliseconds since 1970. */
  readonly time: number;
  /** Sum of the hashes of all its rows there, 64 hex digits: equal rows, equal sum, in whatever order they came about. */
  readonly hash: string;
}

export const startPosition: Position = { position: 0, time: 0, hash: '0'.repeat(64) };

/** What a batch does to one call. */
export interface Change {
  readonly callId: string;
  readonly after: StoredCall;
  readonly upserts: readonly TableRow[];
  readonly deletes: readonly TableRow[];
  /** To keep beside the view. */
  readonly waiting: readonly CallEvent[];
}

export interface TableRow {
  readonly table: string;
  readonly row: Row;
}

/** Where views live: rows, state and position change together or not at all. */
export interface ViewStore {
  transaction<T>(work: (trx: ViewTransaction) => Promise<T>): Promise<T>;
}

export interface ViewTransaction {
  /** Held until the end: a second runner of the same view waits, and then finds its batch done. */
  position(view: View, partition: number): Promise<Position>;
  load(view: View, callIds: readonly string[]): Promise<Map<string, StoredCall>>;
  /** @throws UnfitData where some of it can not be stored, ever. */
  save(view: View, changes: readonly Change[]): Promise<void>;
  /** Runs it so that a failure of it undoes no more than itself. */
  attempt(work: () => Promise<void>): Promise<void>;
  move(view: View, partition: number, position: Position): Promise<void>;
  /** Forgets everything of a partition: its log is another one. */
  reset(view: View, partition: number): Promise<void>;
}

/** The store refuses the data itself; trying again changes nothing. */
export class UnfitData extends Error {
  override readonly name = 'UnfitData';
}
