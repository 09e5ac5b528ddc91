import type { CallEvent } from '@ringback/schemas';
import type { Projection, Row } from './projection.ts';

/** One copy of a projection's tables. A rebuild makes another build of the same version, or of the next one. */
export interface View {
  readonly projection: Projection;
  readonly build: number;
}

/** `calls@1.2`: name, version, build. */
export function viewName({ projection: { name, version }, build }: View): string {
  return viewNameOf({ name, version, build });
}

/** A line of the book of all copies that there are. */
export interface Build {
  readonly name: string;
  readonly version: number;
  readonly build: number;
  /** The one that is read from; all others are on their way to that. */
  readonly live: boolean;
}

export function viewNameOf({ name, version, build }: Omit<Build, 'live'>): string {
  return `${name}@${version}.${build}`;
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
  /** Before anything else, as often as one likes. @throws where it is away */
  prepare(): Promise<void>;
  transaction<T>(work: (trx: ViewTransaction) => Promise<T>): Promise<T>;
}

/** @throws ViewGone where the view was replaced by another copy. */
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
  /** By partition; those in which the view has been. */
  positions(view: View): Promise<Map<number, Position>>;
  /** What is kept beside the view for a parked call, by sequence. */
  waiting(view: View, callId: string): Promise<CallEvent[]>;
  /** Throws away what of it stands before this sequence. */
  forget(view: View, callId: string, before: number): Promise<void>;
  /** The book, by name, version, build. Held until the end: nobody else changes it. */
  builds(): Promise<Build[]>;
  /** A copy with nothing in it. */
  make(view: View, live: boolean): Promise<void>;
  drop(build: Build): Promise<void>;
  /** The only one of its name that is: the one before has to be dropped before. */
  setLive(view: View): Promise<void>;
}

/** There is no such copy: another one took its place. Whoever used it looks into the book again. */
export class ViewGone extends Error {
  override readonly name = 'ViewGone';
}

/** The store refuses the data itself; trying again changes nothing. */
export class UnfitData extends Error {
  override readonly name = 'UnfitData';
}
