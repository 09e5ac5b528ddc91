import type { Capabilities } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import {
  codecKey,
  commonCodecs,
  parametersOf,
  producedKeys,
  receivableKeys,
  receiveCapabilities,
  routerCodecsOf,
} from './codecs.ts';
import {
  av1,
  device,
  devices,
  h264,
  h264Baseline,
  h264High,
  h264Mode0,
  opus,
  rtx,
  vp8,
  vp9,
  vp9Profile2,
} from './devices.fixture.ts';
import { h264Profile } from './h264-profile.ts';
import { routerCodecs, routerRtpCapabilities } from './router-capabilities.ts';

type Name = keyof typeof devices;
const names = (codecs: { mimeType: string }[]) => codecs.map(({ mimeType }) => mimeType);

describe('codecs in common', () => {
  it.each<[Name[], string[], string[]]>([
    [[], [], []],
    [['all'], ['audio/opus'], ['VP8', 'VP9', 'H264', 'H264', 'H264', 'AV1']],
    [['all', 'h264Only'], ['audio/opus'], ['H264']],
    [['all', 'vp8Only'], ['audio/opus'], ['VP8']],
    [['h264Only', 'vp8Only'], ['audio/opus'], []],
    [['av1First', 'all'], ['audio/opus'], ['AV1', 'VP9', 'VP8', 'H264']],
    [['all', 'audioOnly'], ['audio/opus'], []],
    [['all', 'version1'], ['audio/opus'], ['VP8']],
    [['all', 'bot'], [], []],
    [['all', 'av1First', 'h264Only'], ['audio/opus'], ['H264']],
  ])('of %j: %j, %j', (people, audio, video) => {
    const them = people.map((name) => devices[name]);
    expect(names(commonCodecs(them, 'audio'))).toEqual(audio);
    expect(names(commonCodecs(them, 'video'))).toEqual(video.map((type) => `video/${type}`));
  });

  it.each([
    ['packetization modes', h264, h264Mode0],
    ['H264 profiles', h264, h264Baseline],
    ['VP9 profiles', vp9, vp9Profile2],
    ['clock rates', opus, { ...opus, clockRate: 16_000 }],
    ['channels', opus, { ...opus, channels: 1 }],
    ['AV1 profiles', av1, { ...av1, sdpFmtpLine: 'profile=1' }],
  ])('other %s are other codecs', (_, one, other) => {
    const keyOf = (codec: typeof one) => codecKey({ ...codec, parameters: parametersOf(codec.sdpFmtpLine) });
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it('reads a format line however it is written, and is not fooled by names of its own', () => {
    expect(parametersOf(' Profile-Level-Id = 42e01f ;x;=y;packetization-mode=1')).toEqual({
      'profile-level-id': '42e01f',
      'packetization-mode': '1',
    });
    expect(parametersOf('__proto__=1')['toString']).toBeUndefined();
  });

  // RFC 6184 section 8.1, table 5.
  it.each([
    [undefined, 'constrained-baseline'],
    ['42e01f', 'constrained-baseline'],
    ['42C02A', 'constrained-baseline'],
    ['4d801f', 'constrained-baseline'],
    ['58c01f', 'constrained-baseline'],
    ['42001f', 'baseline'],
    ['58801f', 'baseline'],
    ['4d001f', 'main'],
    ['64001f', 'high'],
    ['640c1f', 'constrained-high'],
    ['f4001f', 'high-444'],
    ['6e001f', 'unknown-6e00'],
    ['nonsense', 'unknown-nonsense'],
  ])('profile-level-id %s is %s', (text, profile) => {
    expect(h264Profile(text)).toBe(profile);
  });
});

describe('what the Call Server can send a device', () => {
  const router = routerRtpCapabilities();
  const received = (who: Capabilities, kind: 'audio' | 'video') => receiveCapabilities(router, who, kind);

  it.each<[Name, string[]]>([
    ['all', ['VP8', 'rtx', 'VP9', 'rtx', 'H264', 'rtx', 'AV1', 'rtx']],
    ['h264Only', ['H264', 'rtx']],
    ['vp8Only', ['VP8', 'rtx']],
    ['av1First', ['VP8', 'rtx', 'VP9', 'rtx', 'H264', 'rtx', 'AV1', 'rtx']],
    ['version1', ['VP8', 'rtx']],
    ['audioOnly', []],
    ['bot', []],
  ])('%s: %j', (name, video) => {
    expect(names(received(devices[name], 'video').codecs)).toEqual(video.map((type) => `video/${type}`));
    expect(names(received(devices[name], 'audio').codecs)).toEqual(name === 'bot' ? [] : ['audio/opus']);
  });

  it('repairs nothing where the device has no rtx', () => {
    expect(names(received(device([vp8]), 'video').codecs)).toEqual(['video/VP8']);
  });

  it('has no H264 of other profiles', () => {
    expect(received(device([h264Mode0, h264Baseline, h264High, rtx]), 'video').codecs).toEqual([]);
  });

  it('takes the header extensions that the device named, of each kind its own; mid always', () => {
    const orientation = 'urn:3gpp:video-orientation';
    const mid = 'urn:ietf:params:rtp-hdrext:sdes:mid';
    const who = device([vp8], { headerExtensions: { audio: [], video: [orientation, 'urn:none:of:ours'] } });
    const uris = (kind: 'audio' | 'video') => received(who, kind).headerExtensions.map(({ uri }) => uri);
    expect(uris('audio')).toEqual([mid]);
    expect(uris('video')).toEqual([mid, orientation]);
    expect(received(devices.version1, 'video').headerExtensions.map(({ uri }) => uri)).toEqual([mid]);
  });

  it('knows before mediasoup does whether a track can be received', () => {
    const produced = {
      codecs: [
        { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 },
        { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } },
      ],
    };
    const [key] = producedKeys(produced);
    expect(producedKeys(produced)).toHaveLength(1);
    expect(receivableKeys(devices.vp8Only, 'video').has(key!)).toBe(true);
    expect(receivableKeys(devices.h264Only, 'video').has(key!)).toBe(false);
  });

  it('names each codec of the router once, in the order of the device', () => {
    expect(names(routerCodecsOf(device([h264, h264, vp8, vp9Profile2]), 'video'))).toEqual([
      'video/H264',
      'video/VP8',
    ]);
  });

  it('has the codecs that a router is made with', () => {
    expect(names(router.codecs).filter((type) => !type.endsWith('/rtx'))).toEqual(names([...routerCodecs]));
  });
});
