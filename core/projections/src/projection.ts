import type { CallEvent, CallEventType } from '@ringback/schemas';

export type Cell = string | number | boolean | null;
/** One row of a table, without its `call_id`. */
export type Row = Readonly<Record<string, Cell>>;
/** A call's rows by table. */
export type Rows = Readonly<Record<string, readonly Row[]>>;

export interface Table {
  readonly name: string;
  /** `call_id text` stands before them. */
  readonly columns: Readonly<Record<string, 'text' | 'integer' | 'bigint' | 'boolean'>>;
  /** What tells rows of one call apart; empty where a call has one row at most. */
  readonly key: readonly string[];
  readonly indexes: readonly (readonly string[])[];
}

/**
 * A view over the log: a pure fold of each call, and the rows that follow from it. The runner does the rest. What
 * the fold or the rows look like is its version: another one is built beside the live one, from the first event on.
 */
export interface Projection {
  readonly name: string;
  readonly version: number;
  /** All other events only move the call's sequence on. */
  readonly handles: ReadonlySet<string>;
  readonly tables: readonly Table[];
  /** Pure; what it throws parks the call. State is JSON. */
  evolve(state: unknown, event: CallEvent): unknown;
  /** Pure. `seq`: of the call's last event, handled or not. */
  rows(callId: string, seq: number, state: unknown): Rows;
}

/** A projection with its types, for the rest of the runner without them. */
export function defineProjection<State, Handled extends CallEventType>(definition: {
  readonly name: string;
  readonly version: number;
  readonly handles: readonly Handled[];
  readonly tables: readonly Table[];
  evolve(state: State | undefined, event: Extract<CallEvent, { type: Handled }>): State;
  rows(callId: string, seq: number, state: State): Rows;
}): Projection {
  const { evolve, rows, handles, ...rest } = definition;
  return {
    ...rest,
    handles: new Set(handles),
    evolve: (state, event) =>
      evolve(state as State | undefined, event as Extract<CallEvent, { type: Handled }>),
    rows: (callId, seq, state) => rows(callId, seq, state as State),
  };
}
