/** What is killed; nothing: what the same moment costs without. */
export const kinds = [
  'nothing',
  'nats-server',
  'calls worker',
  'edge',
  'media gateway',
  'mediasoup worker',
  'coturn',
] as const;
export type Kind = (typeof kinds)[number];

/**
 * When: while the third joins; while three talk through the Call Server; while two are on their way to it; while the
 * third leaves.
 */
export const moments = ['joining', 'talking', 'switching', 'leaving'] as const;
export type Moment = (typeof moments)[number];

export interface FaultCase {
  readonly kind: Kind;
  readonly moment: Moment;
}

export const allCases: readonly FaultCase[] = kinds.flatMap((kind) =>
  moments.map((moment) => ({ kind, moment })),
);

/** @param only `kind`, `moment`, or both as `kind/moment`; undefined: all. */
export function chooseCases(only: string | undefined): FaultCase[] {
  if (only === undefined) return [...allCases];
  return allCases.filter(({ kind, moment }) => [kind, moment, `${kind}/${moment}`].includes(only));
}
