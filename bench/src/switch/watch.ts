import type { Page } from 'playwright-core';
import type { RingbackWindow } from '../pages.ts';
import type { Heard } from './window.ts';

/** A change of the route, or its end, and when this page learned of it: milliseconds since 1970. */
export interface RouteFact {
  readonly type: 'call.route.changed' | 'call.route.settled';
  readonly at: number;
  readonly epoch: number;
  /** Of a settled one: who did not come along. */
  readonly missing: number;
}

/** What one person got of another. All times are milliseconds since 1970. */
export interface Watched {
  /** When frames of their camera were shown: presented in what is current, or by a swap to what was unseen before. */
  readonly frames: number[];
  /** Of their microphone, by whichever leg it was heard. */
  readonly heard: Heard[];
  /** When the picture was swapped for the same one on the other leg. */
  readonly swaps: number[];
  readonly facts: RouteFact[];
}

interface WatchWindow extends RingbackWindow {
  watched: { heard: Heard[]; facts: RouteFact[] };
}

/** From now on looks at what this page gets of that person; once a page. */
export function watch(page: Page, participantId: string, lookMs: number): Promise<void> {
  return page.evaluate(
    ([other, everyMs]) => {
      const target = window as unknown as WatchWindow;
      const { ringback, peerConnections } = target;
      const call = ringback.call!;
      const watched: WatchWindow['watched'] = { heard: [], facts: [] };
      target.watched = watched;
      const now = () => performance.timeOrigin + performance.now();
      call.on('event', ({ type, data }) => {
        if (type !== 'call.route.changed' && type !== 'call.route.settled') return;
        const { epoch, missing = [] } = data as { epoch: number; missing?: string[] };
        watched.facts.push({ type, at: now(), epoch, missing: missing.length });
      });
      const known = new Map<MediaStreamTrack, number>();
      let heardBefore: MediaStreamTrack[] = [];
      let concealed = 0;
      const look = async () => {
        const at = now();
        const heard = call.remoteTracks
          .filter((t) => t.participantId === other && t.source === 'microphone')
          .map(({ track }) => track);
        const receivers = peerConnections
          .filter(({ connectionState }) => connectionState !== 'closed')
          .flatMap((pc) => pc.getReceivers())
          .filter(({ track }) => track.kind === 'audio');
        const reports = await Promise.all(receivers.map((receiver) => receiver.getStats()));
        for (const [index, report] of reports.entries()) {
          const { track } = receivers[index]!;
          const entry = [...report.values()].find(({ type }) => type === 'inbound-rtp');
          if (entry === undefined) continue;
          // What is concealed with silence because nothing was said is not heard.
          const sum = (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0);
          const before = known.get(track);
          known.set(track, sum);
          // At a swap both count: which of them was heard between two looks is not known.
          if (before !== undefined && (heard.includes(track) || heardBefore.includes(track)))
            concealed += Math.max(0, sum - before);
        }
        heardBefore = heard;
        watched.heard.push({ at, concealed });
        setTimeout(() => void look(), everyMs);
      };
      void look();
    },
    [participantId, lookMs] as const,
  );
}

/** What this page got of that person since then. */
export function readWatch(page: Page, participantId: string, since: number): Promise<Watched> {
  return page.evaluate(
    ([other, from]) => {
      const { __ringback: probe, watched } = window as unknown as WatchWindow;
      const frames = (probe.frames[other] ?? []).map((at) => performance.timeOrigin + at);
      const swaps = probe.swaps
        .filter((swap) => swap.participantId === other && swap.source === 'camera')
        .map(({ at }) => performance.timeOrigin + at);
      return {
        frames: [...frames, ...swaps].filter((at) => at >= from),
        swaps: swaps.filter((at) => at >= from),
        heard: watched.heard.filter(({ at }) => at >= from),
        facts: watched.facts,
      };
    },
    [participantId, since] as const,
  );
}
