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
