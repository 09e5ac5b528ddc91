import { makeMetrics } from '@ringback/runtime';
import { expect, it } from 'vitest';
import { makeEdgeMetrics } from './metrics.ts';

it('gauges are read when somebody asks', async () => {
  const registry = makeMetrics('test');
  let [followed, pending] = [0, 0];
  makeEdgeMetrics(registry, { followedCalls: () => followed, pendingCommands: () => pending });
  [followed, pending] = [3, 7];
  const text = await registry.metrics();
  expect(text).toMatch(/^ringback_followed_calls\{.*\} 3$/m);
  expect(text).toMatch(/^ringback_commands_pending\{.*\} 7$/m);
});

it('what was sent is counted beside them, and read as often as somebody asks', async () => {
  const registry = makeMetrics('test');
  const { sent } = makeEdgeMetrics(registry, { followedCalls: () => 0, pendingCommands: () => 0 });
  for (const round of [1, 2]) {
    sent.frames += 3;
    sent.messages += 30;
    await registry.metrics();
    const text = await registry.metrics();
    expect(text).toMatch(new RegExp(`^ringback_frames_total\\{.*\\} ${3 * round}$`, 'm'));
    expect(text).toMatch(new RegExp(`^ringback_deliveries_total\\{.*\\} ${30 * round}$`, 'm'));
  }
});
