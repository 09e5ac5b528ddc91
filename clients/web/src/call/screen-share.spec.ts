import { signal } from '@preact/signals';
import { RingbackError, type Call, type LocalTrack } from '@ringback/sdk';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ScreenShare } from './screen-share.ts';

class FakeTrack {
  readonly kind: string;
  stopped = false;

  constructor(kind: string) {
    this.kind = kind;
  }

  stop(): void {
    this.stopped = true;
  }
}

let tracks: FakeTrack[];
/** The person makes their choice. */
let choose: () => void;
let call: Call | undefined;
let refused: string | undefined;
let unpublished: string[];
let errors: string[];
let share: ScreenShare;

beforeEach(() => {
  tracks = ['video', 'audio'].map((kind) => new FakeTrack(kind));
  const of = (kind: string) => tracks.filter((t) => t.kind === kind);
  const stream = {
    getTracks: () => tracks,
    getVideoTracks: () => of('video'),
    getAudioTracks: () => of('audio'),
  };
  const getDisplayMedia = vi.fn<() => Promise<unknown>>(
    () => new Promise((resolve) => (choose = () => resolve(stream))),
  );
  vi.stubGlobal('navigator', { mediaDevices: { getDisplayMedia } });
  [refused, unpublished, errors] = [undefined, [], []];
  const local = signal<readonly LocalTrack[]>([]);
  call = {
    async publishTrack(track: MediaStreamTrack, source: LocalTrack['source']) {
      if (source === refused) throw new RingbackError('track_limit', 'Too many.');
      local.value = [...local.value, { trackId: source, source, track, muted: false }];
      return source;
    },
    async unpublishTrack(trackId: string) {
      unpublished.push(trackId);
    },
  } as unknown as Call;
  share = new ScreenShare(
    () => call,
    local,
    (error) => errors.push(error.code),
  );
});
afterEach(() => vi.unstubAllGlobals());

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

it('shows a screen with its sound, and stops both', async () => {
  share.toggle();
  choose();
  await settled();
  expect(share.on).toBe(true);
  share.toggle();
  expect([unpublished, tracks.map((t) => t.stopped)]).toEqual([
    ['screen', 'screen-audio'],
    [true, true],
  ]);
});

it('captures nothing for a call that ended while the person chose', async () => {
  share.toggle();
  call = undefined;
  choose();
  await settled();
  expect([tracks.map((t) => t.stopped), errors]).toEqual([[true, true], ['call_ended']]);
});

it('takes the picture back where the sound is refused', async () => {
  refused = 'screen-audio';
  share.toggle();
  choose();
  await settled();
  expect([unpublished, tracks.map((t) => t.stopped), errors]).toEqual([
    ['screen'],
    [true, true],
    ['track_limit'],
  ]);
});

it('opens one chooser, however often it is asked', () => {
  share.toggle();
  share.toggle();
  expect(navigator.mediaDevices.getDisplayMedia).toHaveBeenCalledTimes(1);
});
