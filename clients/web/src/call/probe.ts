import { callLimits } from './limits.ts';

/** What the page showed and when: milliseconds of `performance.now()`. For measurements, on pages opened with `?probe`. */
export interface Probe {
  /** When each shown frame of a person's camera was presented, by participant id. */
  readonly frames: Record<string, number[]>;
  /** When a track was swapped for the same one on another route. */
  readonly swaps: { participantId: string; trackId: string; source: string; at: number }[];
}

declare global {
  interface Window {
    __ringback?: Probe;
  }
}

const probe: Probe | undefined = new URLSearchParams(location.search).has('probe')
  ? (window.__ringback = { frames: {}, swaps: [] })
  : undefined;

export const probing = probe !== undefined;

export function probeFrame(participantId: string, at: number): void {
  if (probe) keep((probe.frames[participantId] ??= []), at, callLimits.probeFramesMax);
}

export function probeSwap(swap: { participantId: string; trackId: string; source: string }): void {
  if (probe) keep(probe.swaps, { ...swap, at: performance.now() }, callLimits.probeSwapsMax);
}

function keep<Item>(list: Item[], item: Item, max: number): void {
  list.push(item);
  if (list.length > max) list.splice(0, list.length - max);
}
