import type { Page } from 'playwright-core';
import type { Person } from '../../../tests/support/browser.ts';
import type { RingbackWindow } from '../pages.ts';

/** The steps of a join, in their order. `token`: somebody new is made a guest. */
export const steps = ['token', 'socket', 'joined', 'ice', 'dtls', 'firstFrame'] as const;
export type Step = (typeof steps)[number];

/** When each step was done, as seen from outside the SDK. Milliseconds since the click. */
export type Seen = Record<Step, number>;

/** One thing that happened on the way, for people who look for what takes long. */
export interface Happening {
  readonly what: string;
  readonly at: number;
}

interface TapWindow extends RingbackWindow {
  tap: { seen: Partial<Record<Step, number>>; happenings: Happening[] };
}

/** Watches a page's socket and peer connections from its first script on. */
export async function tap({ context }: Person): Promise<void> {
  await context.addInitScript(watch);
}

/** Settles when the first frame of somebody is shown. */
export async function untilFirstFrame(page: Page, msMax: number): Promise<void> {
  await page.waitForFunction(
    () => Object.values((window as unknown as TapWindow).__ringback.frames).some(({ length }) => length > 0),
    undefined,
    { timeout: msMax },
  );
}

/** What was seen of a join whose first frame is there. */
export async function readTap(
  page: Page,
): Promise<{ participantId: string; seen: Seen; happenings: Happening[] }> {
  return page.evaluate(() => {
    const { tap: tapped, __ringback: probe, ringback, joinClickedAt } = window as unknown as TapWindow;
    const click = joinClickedAt!;
    const resources = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const later = resources.filter(({ startTime }) => startTime > click);
    const guest = later.find(({ name }) => new URL(name).pathname === '/v1/guests');
    const firstFrame = Math.min(...Object.values(probe.frames).map(([first]) => first ?? Infinity));
    const all = { token: guest?.responseEnd ?? click, ...tapped.seen, firstFrame };
    const since = Object.entries(all).map(([step, at]) => [step, at - click]);
    const fetched = later.flatMap(({ name, startTime, responseEnd }) => {
      const { pathname } = new URL(name);
      return [
        { what: `fetch ${pathname}`, at: startTime - click },
        { what: `fetched ${pathname}`, at: responseEnd - click },
      ];
    });
    const happened = tapped.happenings.map(({ what, at }) => ({ what, at: at - click }));
    return {
      participantId: ringback.call!.participantId,
      seen: Object.fromEntries(since) as Seen,
      happenings: [...fetched, ...happened].sort((a, b) => a.at - b.at),
    };
  });
}

/** In the page, before its own scripts. */
function watch(): void {
  const target = window as unknown as TapWindow;
  const tapped: TapWindow['tap'] = { seen: {}, happenings: [] };
  target.tap = tapped;
  const happened = (what: string) => {
    if (target.joinClickedAt !== undefined) tapped.happenings.push({ what, at: performance.now() });
  };
  const done = (step: Step) => {
    tapped.seen[step] ??= performance.now();
  };

  let joinId = '';
  const heard = (message: { type: string; id?: string; event?: { type: string } }) => {
    happened(`< ${message.event?.type ?? message.type}`);
    if (message.type === 'connected') done('socket');
    if (message.type === 'reply' && message.id === joinId) done('joined');
  };
  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      happened('socket asked for');
      this.addEventListener('open', () => happened('socket open'));
      this.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') for (const message of [JSON.parse(data)].flat()) heard(message);
      });
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      super.send(data);
      if (typeof data !== 'string') return;
      const { type, id } = JSON.parse(data) as { type: string; id: string };
      happened(`> ${type}`);
      if (type === 'call.join') joinId ||= id;
    }
  };

  let count = 0;
  const NativeConnection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends NativeConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      const name = `peer connection ${(count += 1)}`;
      happened(`${name} made`);
      this.addEventListener('iceconnectionstatechange', () => {
        happened(`${name} ice ${this.iceConnectionState}`);
        if (['connected', 'completed'].includes(this.iceConnectionState)) done('ice');
      });
      this.addEventListener('connectionstatechange', () => {
        happened(`${name} ${this.connectionState}`);
        if (this.connectionState === 'connected') done('dtls');
      });
      this.addEventListener('track', ({ track }) => happened(`${name} track ${track.kind}`));
    }
  };
}
