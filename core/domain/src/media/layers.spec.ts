import { describe, expect, it } from 'vitest';
import {
  layerDecision,
  layerReason,
  layerStack,
  preferredLayers,
  priorityOf,
  watchedLayer,
  type LayerCause,
} from './layers.ts';

const simulcast = layerStack({
  encodings: [4, 2, 1].map((scale, n) => ({
    rid: `r${n}`,
    scaleResolutionDownBy: scale,
    scalabilityMode: 'L1T3',
  })),
});
const spatial = (spatialLayer: number, temporalLayer = 2) => ({ spatialLayer, temporalLayer });

describe('the layers of what is sent', () => {
  it.each([
    [
      'simulcast',
      [
        { rid: 'a', scaleResolutionDownBy: 4, scalabilityMode: 'L1T2' },
        { rid: 'b', scaleResolutionDownBy: 1 },
      ],
      [4, 1],
      2,
    ],
    ['simulcast that does not say its sizes', [{ ssrc: 1 }, { ssrc: 2 }, { ssrc: 3 }], [4, 2, 1], 1],
    ['SVC', [{ scalabilityMode: 'L3T3_KEY' }], [4, 2, 1], 3],
    ['one layer', [{ ssrc: 1 }], [1], 1],
  ])('of %s', (_, encodings, scales, temporalLayers) => {
    expect(layerStack({ encodings })).toEqual({ scales, temporalLayers });
  });
});

describe('the layers worth sending', () => {
  it.each([
    ['a size nobody said', undefined, spatial(2)],
    ['nothing shown', { width: 0, height: 0 }, null],
    ['no width', { width: 0, height: 100 }, null],
    ['a thumbnail', { width: 112, height: 63 }, spatial(0, 1)],
    ['a small tile', { width: 320, height: 180 }, spatial(0)],
    ['a little larger than the smallest', { width: 400, height: 225 }, spatial(0)],
    ['a tile of a grid', { width: 480, height: 270 }, spatial(1)],
    ['half a screen', { width: 640, height: 360 }, spatial(1)],
    ['a large picture', { width: 1_280, height: 720 }, spatial(2)],
    ['more than there is', { width: 3_840, height: 2_160 }, spatial(2)],
    // Cut at the sides, it has to fill its height.
    ['a tall tile', { width: 200, height: 900 }, spatial(0)],
  ])('for %s', (_, tile, layers) => {
    expect(preferredLayers(simulcast, tile)).toEqual(layers);
  });

  it('grow with the tile', () => {
    let last = -1;
    for (let width = 16; width < 4_000; width += 16) {
      const { spatialLayer } = preferredLayers(simulcast, { width, height: (width * 9) / 16 })!;
      expect(spatialLayer).toBeGreaterThanOrEqual(last);
      last = spatialLayer;
    }
    expect(last).toBe(2);
  });

  it('are the only ones where there is one', () => {
    expect(preferredLayers({ scales: [1], temporalLayers: 1 }, { width: 10, height: 10 })).toEqual(
      spatial(0, 0),
    );
  });

  it('go first to who speaks, then to screens, then to what is large', () => {
    const large = { width: 1_280, height: 720 };
    const order = [
      priorityOf({ ...large, speaking: true }, false),
      priorityOf(large, true),
      priorityOf(large, false),
      priorityOf({ width: 320, height: 180 }, false),
      priorityOf({ width: 10, height: 10 }, false),
    ];
    expect(order).toEqual(order.toSorted((a, b) => b - a));
    expect(new Set(order).size).toBe(order.length);
    expect(Math.min(...order)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...order)).toBeLessThanOrEqual(255);
  });

  it('are watched up to the largest that anybody asks for', () => {
    expect(watchedLayer([])).toBe(-1);
    expect(watchedLayer([null, null])).toBe(-1);
    expect(watchedLayer([null, spatial(0), spatial(1)])).toBe(1);
  });
});

describe('a change of layers', () => {
  it.each([
    [null, null, undefined],
    [null, spatial(0), 'video-on'],
    [spatial(0), null, 'video-off'],
    [spatial(0), spatial(2), 'layer-up'],
    [spatial(2), spatial(1), 'layer-down'],
    [spatial(1, 0), spatial(1, 2), undefined],
  ])('from %j to %j is %s', (before, now, decision) => {
    expect(layerDecision(before, now)).toBe(decision);
  });

  const cause = (more: Partial<LayerCause>): LayerCause => ({
    ...{ now: spatial(2), before: spatial(2), preferred: spatial(2), preferredBefore: spatial(2) },
    ...{ speaking: false, producerScores: [10, 10, 10] },
    ...more,
  });
  it.each<[reason: string, what: string, more: Partial<LayerCause>]>([
    ['started', 'the first picture', { before: null, now: spatial(0), preferredBefore: undefined }],
    ['hidden', 'a tile that went out of sight', { now: null, preferred: null }],
    ['hidden', 'a tile that came back', { before: null, now: spatial(1), preferredBefore: null }],
    ['tile-size', 'a smaller tile', { now: spatial(0), preferred: spatial(0) }],
    ['tile-size', 'a larger tile', { before: spatial(0), preferredBefore: spatial(0) }],
    [
      'speaker',
      'a larger tile of who speaks',
      { before: spatial(0), preferredBefore: spatial(0), speaking: true },
    ],
    ['uplink', 'a layer that does not arrive', { now: spatial(0), producerScores: [9, 0, 0] }],
    [
      'uplink',
      'less though there is room for more',
      { now: spatial(0), availableOutgoingBitrate: 1_800_000, sendBitrate: 900_000 },
    ],
    [
      'downlink',
      'less, and no room for what was sent',
      { now: spatial(0), availableOutgoingBitrate: 280_000, sendBitrate: 900_000 },
    ],
    ['downlink', 'less though all arrives', { now: spatial(0) }],
    ['downlink', 'nothing though it is shown', { now: null }],
    ['downlink', 'more though nothing else was asked for', { before: spatial(0) }],
    [
      'downlink',
      'less though more was asked for',
      { before: spatial(1), now: spatial(0), preferredBefore: spatial(1) },
    ],
  ])('has the reason %s: %s', (reason, _, more) => {
    expect(layerReason(cause(more))).toBe(reason);
  });
});
