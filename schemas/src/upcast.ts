import type { Cause } from './envelope.ts';

/** The data of an event in some version, without the command behind it. */
export type StoredData = Readonly<Record<string, unknown>>;

/** Makes the data of one version into that of the next. Pure and total: from what was valid then comes what is valid now. */
export type Step<Next = StoredData> = (data: StoredData) => Next;

/** The steps from version 1 to `Version`: one fewer than there are versions, the last one leading to today's data. */
export type StepsTo<Version extends number, Data, Earlier extends readonly Step[] = []> = Version extends 1
  ? readonly []
  : [unknown, unknown, ...Earlier]['length'] extends Version
    ? readonly [...Earlier, Step<Data>]
    : StepsTo<Version, Data, [...Earlier, Step]>;

export interface Versioned {
  readonly type: string;
  readonly schemaversion: number;
  readonly data: object;
}

/** `unknown`: a type that this code does not have. `newer`: a type that it has, in a version that it has not. */
export type NotKnown = 'unknown' | 'newer';

/**
 * Makes the function that brings a stored event up to today's version. What is current already comes back as it is.
 * A step sees the event's own data alone. The command behind the event stays as it was sent: fields that were not
 * stored twice are copied into it first, so that a step may rename or drop them.
 *
 * @param steps by event type, from version 1 on
 */
export function makeUpcast(steps: Readonly<Record<string, readonly Step[]>>) {
  const byType = new Map(Object.entries(steps));
  return <E extends Versioned>(stored: E): E | NotKnown => {
    const own = byType.get(stored.type);
    if (own === undefined) return 'unknown';
    const newest = own.length + 1;
    if (stored.schemaversion === newest) return stored;
    const isOlder = Number.isInteger(stored.schemaversion) && stored.schemaversion >= 1;
    if (!isOlder || stored.schemaversion > newest) return 'newer';
    const { cause, ...before } = stored.data as StoredData & { cause?: Cause };
    const data = own.slice(stored.schemaversion - 1).reduce<StoredData>((old, step) => step(old), before);
    const whole = cause === undefined ? {} : { cause: wholeCause(cause, before) };
    return { ...stored, schemaversion: newest, data: { ...data, ...whole } };
  };
}

function wholeCause(cause: Cause, stored: StoredData): Cause {
  const same = Object.fromEntries(cause.same.map((key) => [key, stored[key]]));
  return { ...cause, same: [], data: { ...cause.data, ...same } };
}
