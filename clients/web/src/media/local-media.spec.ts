import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LocalMedia as Media } from './local-media.ts';

class FakeTrack extends EventTarget {
  enabled = true;
  stopped = false;
  readonly kind: string;

  readonly label: string;

  constructor(kind: string, label = '') {
    super();
    this.kind = kind;
    this.label = label;
  }

  clone(): FakeTrack {
    return Object.assign(new FakeTrack(this.kind), { enabled: this.enabled });
  }

  stop(): void {
    this.stopped = true;
  }
}

/** What is plugged in. */
let plugged: { kind: string; deviceId: string }[];
let mediaDevices: EventTarget;
/** What the browser was asked for, and how the person answers. */
let asked: {
  kind: 'camera' | 'microphone';
  allow: (label?: string) => void;
  refuse: (name: string) => void;
}[];
let LocalMedia: typeof Media;

beforeEach(async () => {
  asked = [];
  plugged = [];
  const getUserMedia = ({ video }: MediaStreamConstraints) =>
    new Promise((resolve, reject) => {
      const kind = video ? 'camera' : 'microphone';
      asked.push({
        kind,
        allow: (label) => resolve({ getTracks: () => [new FakeTrack(video ? 'video' : 'audio', label)] }),
        refuse: (name) => reject(Object.assign(new Error(), { name })),
      });
    });
  mediaDevices = Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: async () => plugged });
  vi.stubGlobal('navigator', { mediaDevices });
  vi.stubGlobal('HTMLMediaElement', class {});
  ({ LocalMedia } = await import('./local-media.ts'));
});
afterEach(() => vi.unstubAllGlobals());

const both = { camera: true, microphone: true };
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Camera and microphone are open. */
async function opened(): Promise<Media> {
  const media = new LocalMedia(both);
  const open = media.open();
  asked[0]!.allow();
  await settled();
  asked[1]!.allow();
  await open;
  return media;
}

it('asks for one device after the other, and not again for what is open', async () => {
  const media = await opened();
  expect(asked.map((a) => a.kind)).toEqual(['microphone', 'camera']);
  await media.open();
  expect(asked).toHaveLength(2);
});

it('does not ask twice while the person has not answered', async () => {
  const media = new LocalMedia({ camera: false, microphone: true });
  void media.open();
  await media.open();
  expect(asked).toHaveLength(1);
});

it('leaves the camera off where it was switched off while the microphone was asked for', async () => {
  const media = new LocalMedia(both);
  const open = media.open();
  media.choose({ camera: false });
  asked[0]!.allow();
  await open;
  expect([asked.map((a) => a.kind), media.camera.value]).toEqual([['microphone'], undefined]);
});

it('is silent at once when muted, connected or not, on a new microphone, too', async () => {
  const media = await opened();
  media.choose({ microphone: false });
  expect(media.microphone.value?.enabled).toBe(false);
  const start = media.start('microphone', 'another');
  asked[2]!.allow();
  await start;
  expect(media.microphone.value?.enabled).toBe(false);
  media.choose({ microphone: true });
  expect(media.microphone.value?.enabled).toBe(true);
});

it('lets no light on: not after closing, not for an answer that comes too late', async () => {
  const media = await opened();
  const [camera, microphone] = [media.camera.value!, media.microphone.value!] as unknown as FakeTrack[];
  const late = media.start('camera');
  media.close();
  asked[2]!.allow();
  expect([camera!.stopped, microphone!.stopped, await late]).toEqual([true, true, undefined]);
  await media.start('camera');
  expect(asked).toHaveLength(3);
});

it('says why a device is not there, and forgets it once it is', async () => {
  const media = new LocalMedia(both);
  const first = media.start('camera');
  asked[0]!.refuse('NotAllowedError');
  await first;
  expect(media.problems.camera.value).toBe('denied');
  const second = media.start('camera');
  asked[1]!.allow();
  await second;
  expect(media.problems.camera.value).toBeUndefined();
});

describe('a device that is unplugged', () => {
  it('is replaced by another one, with a notice', async () => {
    const media = await opened();
    media.camera.value!.dispatchEvent(new Event('ended'));
    expect(media.camera.value).toBeUndefined();
    asked[2]!.allow('Another camera');
    await settled();
    expect(media.camera.value).toBeDefined();
    expect(media.fallback.value).toEqual({ device: 'camera', label: 'Another camera' });
  });

  it('is missing where there is no other', async () => {
    const media = await opened();
    media.camera.value!.dispatchEvent(new Event('ended'));
    asked[2]!.refuse('NotFoundError');
    await settled();
    expect([media.problems.camera.value, media.fallback.value]).toEqual(['missing', undefined]);
  });

  it('is not tried for ever where it ends at once', async () => {
    const media = await opened();
    media.camera.value!.dispatchEvent(new Event('ended'));
    asked[2]!.allow();
    await settled();
    media.camera.value!.dispatchEvent(new Event('ended'));
    expect([asked.length, media.problems.camera.value]).toEqual([3, 'missing']);
  });

  it('as a speaker gives way to the system’s own, and is used again once it is back', async () => {
    plugged = [{ kind: 'audiooutput', deviceId: 'headset' }];
    const media = await opened();
    media.choose({ speakerId: 'headset' });
    expect(media.speakerId.value).toBe('headset');
    plugged = [];
    mediaDevices.dispatchEvent(new Event('devicechange'));
    await settled();
    expect([media.speakerId.value, media.fallback.value?.device]).toEqual([undefined, 'speaker']);
    plugged = [{ kind: 'audiooutput', deviceId: 'headset' }];
    mediaDevices.dispatchEvent(new Event('devicechange'));
    await settled();
    expect(media.speakerId.value).toBe('headset');
  });
});

it('hears through a copy while muted, and stops it with the microphone', async () => {
  const media = await opened();
  media.choose({ microphone: false });
  const copy = media.monitor.value as unknown as FakeTrack;
  expect([media.microphone.value!.enabled, copy.enabled]).toEqual([false, true]);
  media.stop('microphone');
  expect([copy.stopped, media.monitor.value]).toEqual([true, undefined]);
});
