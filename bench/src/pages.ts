import { cpus } from 'node:os';
import { mediasoupWorkerPath } from '@ringback/runtime/native-parts';
import { RingbackClient } from '@ringback/sdk';
import type { Browser, Page } from 'playwright-core';
import { newPerson, type Person } from '../../tests/support/browser.ts';
import { RunningPlatform } from '../../tests/support/running-platform.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { machineCpuMs } from './cpu.ts';

/** What the camera of every page gives: small, so that the machine is not what is measured. */
export const camera = { width: 320, height: 180, framesPerSecond: 15 } as const;

/** … and the page around it: software draws it. CSS pixels. */
const viewport = { width: 640, height: 480 };

/** The platform as `npm start` runs it. @throws Error where it would have no Call Server. */
export function startPlatform(): Promise<RunningPlatform> {
  if (mediasoupWorkerPath() === undefined)
    throw new Error('the mediasoup worker is not there: run npm run setup');
  return RunningPlatform.start();
}

/** A call, and who made it: that one reads its telemetry. */
export interface BenchCall {
  readonly callId: string;
  readonly link: string;
  readonly client: RingbackClient;
}

export async function makeCall(url: string): Promise<BenchCall> {
  const { token } = await RingbackClient.createGuest('Bench', { url });
  const client = new RingbackClient({ url, token });
  const { callId } = await client.createCall({ name: 'Bench' });
  return { callId, client, link: `${url}/c/${callId}?probe` };
}

/** Somebody in the call's lobby, with a browser context of their own, whose camera and microphone run. */
export async function inLobby(
  browser: Browser,
  link: string,
  name: string,
  prepare: (person: Person) => Promise<void> = async () => {},
): Promise<Person> {
  const person = await newPerson(browser, viewport);
  await person.context.addInitScript(makeCameraSmall, camera);
  await person.context.addInitScript(noteClick);
  await prepare(person);
  const { page } = person;
  await page.goto(link);
  await page.getByTestId('name-input').fill(name);
  await page.waitForFunction(devicesRun);
  return person;
}

/** Somebody in the call. */
export async function inCall(browser: Browser, link: string, name: string): Promise<Person> {
  const person = await inLobby(browser, link, name);
  await join(person);
  return person;
}

export async function join({ page }: Person): Promise<void> {
  await page.getByTestId('lobby-join').click();
  await page.getByTestId('leave').waitFor();
}

/** When they clicked on Join. Milliseconds since 1970. */
export function clickedAt({ page }: Person): Promise<number> {
  return page.evaluate(() => performance.timeOrigin + (window as unknown as RingbackWindow).joinClickedAt!);
}

/** Leaves as a person does; `others` know it when this settles. */
export async function leave(person: Person, others: readonly Person[]): Promise<void> {
  await person.page.getByTestId('leave').click();
  for (const { page } of others) await untilPresent(page, others.length);
  await person.context.close();
}

/** Settles when so many are in the call as this page knows it. */
function untilPresent(page: Page, count: number): Promise<unknown> {
  return page.waitForFunction((wanted) => {
    const { call } = (window as unknown as RingbackWindow).ringback;
    const people = Object.values(call?.state?.participants ?? {});
    return people.filter(({ presence }) => presence !== 'left').length === wanted;
  }, count);
}

/** Settles when everybody shows everybody by this kind of route. */
export async function untilRoute(people: readonly Person[], kind: 'p2p' | 'call-server'): Promise<void> {
  for (const { page } of people)
    await waitFor(
      async () =>
        page.evaluate((wanted) => {
          const route = (window as unknown as RingbackWindow).ringback.call?.route;
          return route?.kind === wanted && !route.switching;
        }, kind),
      `the route ${kind} to be settled`,
      60_000,
    );
}

/** Takes the share of all cores that nobody used since it was made. */
export function idleMeter(): () => number {
  const cpuBefore = machineCpuMs();
  const before = performance.now();
  return () => {
    const all = (performance.now() - before) * cpus().length;
    return Math.max(0, 1 - (machineCpuMs() - cpuBefore) / all);
  };
}

/** What the call page shows to a browser's console. */
export interface RingbackWindow {
  ringback: {
    call?: {
      participantId: string;
      route: { kind: 'p2p' | 'call-server'; epoch: number; switching: boolean };
      state?: { participants: Record<string, { presence: string }> };
      remoteTracks: readonly { participantId: string; source: string; track: MediaStreamTrack }[];
      on(name: 'event', listener: (event: { type: string; data: unknown }) => void): () => void;
    };
  };
  __ringback: {
    frames: Record<string, number[]>;
    swaps: { participantId: string; trackId: string; source: string; at: number }[];
  };
  peerConnections: RTCPeerConnection[];
  /** When Join was clicked. Milliseconds of `performance.now()`. */
  joinClickedAt: number | undefined;
}

/** In the page, before its own scripts. */
function makeCameraSmall({ width, height }: { width: number; height: number }): void {
  // Pages without a secure origin have none.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) return;
  const native = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (wanted = {}) => {
    if (typeof wanted.video !== 'object') return native(wanted);
    return native({
      ...wanted,
      video: { ...wanted.video, width: { ideal: width }, height: { ideal: height } },
    });
  };
}

/** In the page, before its own scripts. */
function noteClick(): void {
  document.addEventListener(
    'click',
    ({ target, timeStamp }) => {
      if ((target as Element).closest('[data-testid=lobby-join]') !== null)
        (window as unknown as RingbackWindow).joinClickedAt ??= timeStamp;
    },
    { capture: true },
  );
}

/** In the page: the button says that both devices are there, and the preview plays. */
function devicesRun(): boolean {
  const button = document.querySelector('[data-testid=lobby-join]');
  const preview = document.querySelector<HTMLVideoElement>('.lobby-preview video');
  return button?.textContent === 'Join' && preview !== null && preview.currentTime > 0;
}
