import { describe, expect, it } from 'vitest';
import { devices } from './devices.fixture.ts';
import { chooseVideoCodec } from './encodings.ts';

type Name = keyof typeof devices;

describe('the codec to send with', () => {
  it.each<[sender: Name, receivers: Name[], codec: string | undefined]>([
    ['all', [], 'VP8'],
    ['all', ['all', 'all'], 'VP8'],
    ['all', ['h264Only'], 'H264'],
    ['all', ['vp8Only', 'all'], 'VP8'],
    ['h264Only', ['all', 'av1First'], 'H264'],
    // Nobody else prefers it.
    ['av1First', ['all', 'av1First'], 'VP8'],
    ['av1First', ['av1First', 'av1First'], 'AV1'],
    ['vp9First', ['vp9First'], 'VP9'],
    // AV1 is not for all, and VP9 stands before VP8 everywhere.
    ['av1First', ['vp9First'], 'VP9'],
    ['av1First', ['av1First', 'h264Only'], 'H264'],
    // No codec for all of them: the one that reaches most.
    ['all', ['h264Only', 'vp8Only', 'vp8Only'], 'VP8'],
    ['all', ['h264Only', 'h264Only', 'vp8Only'], 'H264'],
    ['all', ['h264Only', 'vp8Only'], 'VP8'],
    ['vp8Only', ['h264Only'], 'VP8'],
    // Who receives no video at all has no say.
    ['all', ['audioOnly', 'bot'], 'VP8'],
    ['av1First', ['av1First', 'audioOnly', 'bot'], 'AV1'],
    ['all', ['version1'], 'VP8'],
    ['audioOnly', ['all'], undefined],
    ['bot', ['all'], undefined],
  ])('%s to %j: %s', (sender, receivers, codec) => {
    const choice = chooseVideoCodec(
      devices[sender],
      receivers.map((name) => devices[name]),
    );
    expect(choice?.mimeType).toBe(codec && `video/${codec}`);
  });

  it('sends VP8 in three sizes, each with temporal layers, smallest first', () => {
    const { encodings } = chooseVideoCodec(devices.all, [devices.all])!;
    expect(encodings.map((e) => [e.rid, e.scaleResolutionDownBy, e.scalabilityMode])).toEqual([
      ['r0', 4, 'L1T3'],
      ['r1', 2, 'L1T3'],
      ['r2', 1, 'L1T3'],
    ]);
    const bitrates = encodings.map(({ maxBitrate }) => maxBitrate);
    expect(bitrates).toEqual(bitrates.toSorted((a, b) => a - b));
  });

  it('sends H264 in three sizes without temporal layers, which its packets do not show', () => {
    const { encodings } = chooseVideoCodec(devices.h264Only, [])!;
    expect(encodings.map((e) => e.rid)).toEqual(['r0', 'r1', 'r2']);
    expect(encodings.every((e) => e.scalabilityMode === undefined)).toBe(true);
  });

  it('sends VP9 and AV1 as one scalable stream', () => {
    for (const device of [devices.vp9First, devices.av1First])
      expect(chooseVideoCodec(device, [device])!.encodings).toMatchObject([{ scalabilityMode: 'L3T3_KEY' }]);
  });

  it('sends a screen in two sizes at most, with more bits', () => {
    const screen = chooseVideoCodec(devices.all, [devices.all], 'screen')!.encodings;
    const camera = chooseVideoCodec(devices.all, [devices.all])!.encodings;
    expect(screen).toHaveLength(2);
    expect(screen.at(-1)).toMatchObject({ scaleResolutionDownBy: 1 });
    expect(screen.at(-1)!.maxBitrate).toBeGreaterThan(camera.at(-1)!.maxBitrate);
    expect(chooseVideoCodec(devices.av1First, [], 'screen')!.encodings).toMatchObject([
      { scalabilityMode: 'L1T3' },
    ]);
  });
});
