/** At higher rates one look a millisecond finds enough to do; at lower ones the wait for it would show in the figures. */
const exactPerSecondMax = 500;
/** Timers may be late by this much. Milliseconds. */
const timerSlackMs = 2;

export interface OpenLoop {
  readonly perSecond: number;
  /** Not measured: caches, compilers and batches find their size. Milliseconds. */
  readonly leadMs: number;
  /** Measured. Milliseconds. */
  readonly ms: number;
  /** @param dueMs when it should be sent, as `performance.now` counts. */
  readonly send: (index: number, dueMs: number) => void;
  /** The measured part begins. */
  readonly measure: () => void;
}

/** How many of a loop belong to its lead, and how many there are in all. */
export function countsOf({ perSecond, leadMs, ms }: Pick<OpenLoop, 'perSecond' | 'leadMs' | 'ms'>) {
  const lead = Math.floor((perSecond * leadMs) / 1_000);
  return { lead, all: lead + Math.max(1, Math.floor((perSecond * ms) / 1_000)) };
}

/**
 * Sends at times fixed beforehand, evenly spaced, whatever becomes of what was sent before. Latency is to be counted
 * from the due time: a stall of either side then shows in everything that was due meanwhile (no coordinated omission).
 * Settles when the time of the last one is over.
 *
 * @returns how late it was at most. Milliseconds.
 */
export async function openLoop(loop: OpenLoop): Promise<{ lateMsMax: number }> {
  const { perSecond, send, measure } = loop;
  const { lead, all } = countsOf(loop);
  const begin = performance.now() + timerSlackMs;
  const dueOf = (index: number) => begin + (index * 1_000) / perSecond;
  let lateMsMax = 0;
  for (let next = 0; ;) {
    const now = performance.now();
    for (; next < all && dueOf(next) <= now; next++) {
      if (next === lead) measure();
      if (next >= lead) lateMsMax = Math.max(lateMsMax, now - dueOf(next));
      send(next, dueOf(next));
    }
    const wait = dueOf(next) - now;
    if (next === all && wait <= 0) return { lateMsMax };
    if (wait > timerSlackMs) await new Promise((resolve) => setTimeout(resolve, wait - timerSlackMs));
    else if (perSecond <= exactPerSecondMax) await new Promise((resolve) => setImmediate(resolve));
    else await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
