import type { TrackSource } from '@ringback/schemas';
import { sdkLimits } from '../limits.ts';
import { entriesOf, type Stats } from './candidate-pair.ts';

/** What somebody sees or hears of a loss, in sums since the receiver began (W3C webrtc-stats section 8.1). */
const costNames = ['concealedSamples', 'framesDropped', 'freezeCount'] as const;
export type Cost = Record<(typeof costNames)[number], number>;
export const noCost: Cost = { concealedSamples: 0, framesDropped: 0, freezeCount: 0 };

/** What one look at a receiver's statistics tells. */
export interface Flow {
  /** Enough media arrived to be seen or heard. */
  flows: boolean;
  /** In sums since the receiver began. */
  cost: Cost;
}

/** Tells from statistics whether media of one incoming track really flows, and what it lost. */
export function flowOf(report: RTCStatsReport, source: TrackSource): Flow {
  const entry = [...entriesOf(report).values()].find((s) => s.type === 'inbound-rtp');
  if (entry === undefined) return { flows: false, cost: noCost };
  return { flows: progressOf(entry, source) >= neededOf(source), cost: costOf(entry) };
}

function neededOf(source: TrackSource): number {
  if (source === 'screen') return sdkLimits.shownScreenFrames;
  return source === 'camera' ? sdkLimits.shownFrames : sdkLimits.shownSamples;
}

function progressOf(entry: Stats, source: TrackSource): number {
  if (source === 'camera' || source === 'screen') return numberOf(entry, 'framesDecoded');
  return numberOf(entry, 'totalSamplesReceived') - numberOf(entry, 'concealedSamples');
}

export function plus(a: Cost, b: Cost): Cost {
  return combine(a, b, (x, y) => x + y);
}

export function minus(a: Cost, b: Cost): Cost {
  return combine(a, b, (x, y) => Math.max(0, x - y));
}

function combine(a: Cost, b: Cost, join: (x: number, y: number) => number): Cost {
  return Object.fromEntries(costNames.map((name) => [name, join(a[name], b[name])])) as Cost;
}

/** Concealment of silence is not heard. */
function costOf(entry: Stats): Cost {
  const concealed = numberOf(entry, 'concealedSamples') - numberOf(entry, 'silentConcealedSamples');
  return {
    concealedSamples: Math.max(0, concealed),
    framesDropped: numberOf(entry, 'framesDropped'),
    freezeCount: numberOf(entry, 'freezeCount'),
  };
}

function numberOf(entry: Stats, name: string): number {
  const value = entry[name];
  return typeof value === 'number' ? value : 0;
}
