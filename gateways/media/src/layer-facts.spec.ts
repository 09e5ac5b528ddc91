import { EventEmitter } from 'node:events';
import { ManualClock } from '@ringback/runtime';
import type { CommandData } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { LayerFacts } from './layer-facts.ts';
import { limits } from './limits.ts';
import type { LiveConsumer } from './live.ts';
import type { Viewing } from './viewing.ts';

function stage(viewers: number) {
  const clock = new ManualClock(0);
  const told: CommandData<'call.layers'>[] = [];
  const top = { spatialLayer: 2, temporalLayer: 2 };
  const facts = new LayerFacts({
    clock,
    viewing: { preferred: () => top, tile: () => undefined } as unknown as Viewing,
    sampleOf: () => undefined,
    tell: (data) => told.push(data),
  });
  const consumers = Array.from({ length: viewers }, (_, n) => {
    const consumer = Object.assign(new EventEmitter(), {
      score: { score: 10, producerScore: 10, producerScores: [10, 10, 10] },
    });
    const endpoint = {
      participantId: `viewer-${n}`,
      epoch: 1,
      recv: { getStats: async () => [] },
      consumers: new Set(),
    };
    const from = { kind: 'video', trackId: 'camera', endpoint: { participantId: 'sender' } };
    const live = { consumer, endpoint, from } as unknown as LiveConsumer;
    facts.add(live);
    return live;
  });
  const layers = (spatialLayer: number) => {
    for (const { consumer } of consumers) consumer.emit('layerschange', { spatialLayer, temporalLayer: 2 });
  };
  return { clock, told, facts, consumers, layers };
}

describe('facts about layers', () => {
  it('are so many for one call at a time; the rest wait, and say what is so by then', () => {
    const { clock, told, layers } = stage(2 * limits.layersPerCall + 1);
    layers(2);
    clock.advance(limits.layersFirstMs);
    expect(told).toHaveLength(limits.layersPerCall);
    // Before the others were told.
    layers(1);
    clock.advance(limits.layersCallMs - 1);
    expect(told).toHaveLength(limits.layersPerCall);
    clock.advance(1);
    expect(told).toHaveLength(2 * limits.layersPerCall);
    clock.advance(60_000);
    // Each viewer's last word is the last layer, and nobody was left out.
    const last = new Map(told.map(({ to, layers: now }) => [to, now?.spatialLayer]));
    expect([...last.values()]).toEqual(Array(2 * limits.layersPerCall + 1).fill(1));
    expect(told).toHaveLength(3 * limits.layersPerCall + 1);
  });

  it('are not told of who is gone by then', () => {
    const { clock, told, facts, consumers, layers } = stage(limits.layersPerCall + 2);
    layers(2);
    clock.advance(limits.layersFirstMs);
    for (const consumer of consumers) facts.remove(consumer);
    clock.advance(60_000);
    expect(told).toHaveLength(limits.layersPerCall);
  });
});
