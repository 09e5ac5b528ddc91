import type { Bench } from './bench.ts';

/** Every bench by its name, loaded when it is run. */
export const benches: ReadonlyMap<string, () => Promise<Bench>> = new Map([
  ['action', () => import('./action/action.ts')],
  ['log', () => import('./log/log.ts')],
  ['replay', () => import('./replay/replay.ts')],
  ['fanout', () => import('./fanout/fanout.ts')],
  ['sfu', () => import('./sfu/sfu.ts')],
  ['join', () => import('./join/join.ts')],
  ['switch', () => import('./switch/switch.ts')],
  ['storm', () => import('./storm/storm.ts')],
]);
