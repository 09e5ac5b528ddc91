import type { Page } from 'playwright-core';

/** One look at a page: whose camera arrives there. */
interface Look {
  /** performance.timeOrigin + performance.now() of the page: milliseconds since 1970. */
  at: number;
  /** Participant ids of those whose frames were decoded within the last `stalledMs`. */
  flowing: string[];
}

interface Watched {
  ringback: {
    call?: { remoteTracks: readonly { participantId: string; source: string; track: { id: string } }[] };
  };
  peerConnections: RTCPeerConnection[];
  mediaWatch?: Look[];
}

/** At 15 frames a second four frames: fewer are jitter. */
const stalledMs = 300;

/** Looks ten times a second at which people's cameras arrive in this page, from now on. */
export async function watchMedia(page: Page): Promise<void> {
  await page.evaluate((stalled) => {
    const watched = window as unknown as Watched;
    const looks: Look[] = (watched.mediaWatch = []);
    const decoded = new Map<string, { frames: number; at: number }>();
    const look = async () => {
      const at = performance.timeOrigin + performance.now();
      const live = watched.peerConnections.filter((pc) => pc.connectionState !== 'closed');
      const reports = await Promise.all(live.map((pc) => pc.getStats()));
      for (const stats of reports.flatMap((report) => [...report.values()])) {
        if (stats.type !== 'inbound-rtp' || stats.kind !== 'video') continue;
        const before = decoded.get(stats.trackIdentifier);
        const frames = stats.framesDecoded ?? 0;
        if (before === undefined ? frames > 0 : frames !== before.frames)
          decoded.set(stats.trackIdentifier, { frames, at });
      }
      const flowing = (watched.ringback.call?.remoteTracks ?? [])
        .filter(({ source, track }) => source === 'camera' && at - (decoded.get(track.id)?.at ?? 0) < stalled)
        .map(({ participantId }) => participantId);
      looks.push({ at, flowing });
      setTimeout(() => void look(), 100);
    };
    void look();
  }, stalledMs);
}

/** Do the cameras of all these people arrive in this page now? */
export async function allFlow(page: Page, participantIds: readonly string[]): Promise<boolean> {
  const last = await page.evaluate(() => (window as unknown as Watched).mediaWatch?.at(-1));
  return last !== undefined && participantIds.every((id) => last.flowing.includes(id));
}

/**
 * For how long at a stretch somebody's camera was missing in this page, in milliseconds; 0 where it never was.
 *
 * @param since milliseconds since 1970
 */
export async function missingMs(
  page: Page,
  participantIds: readonly string[],
  since: number,
): Promise<number> {
  const looks = (await page.evaluate(() => (window as unknown as Watched).mediaWatch)) ?? [];
  let longest = 0;
  let from: number | undefined;
  for (const { at, flowing } of looks.filter((look) => look.at > since)) {
    const missing = participantIds.some((id) => !flowing.includes(id));
    if (from !== undefined) longest = Math.max(longest, at - from);
    from = missing ? (from ?? at) : undefined;
  }
  return Math.round(longest);
}

/** Who this page is in the call. */
export function participantOf(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      (window as unknown as { ringback: { call: { participantId: string } } }).ringback.call.participantId,
  );
}
