import { makeMetrics } from '@ringback/runtime';
import { expect, it } from 'vitest';
import { limits } from './limits.ts';
import { makeOwnerMetrics } from './metrics.ts';

it('skipped events count by type, as far as there are few of those', async () => {
  const registry = makeMetrics('spec');
  const { skipped } = makeOwnerMetrics(registry);
  for (let n = 0; n < limits.skippedTypesMax + 5; n++) for (const _ of [1, 2]) skipped(`call.new.${n}`);
  const { values } = (await registry.getMetricsAsJSON()).find(
    ({ name }) => name === 'ringback_skipped_events_total',
  ) as { values: { labels: { type?: string }; value: number }[] };
  expect(values).toHaveLength(limits.skippedTypesMax + 1);
  expect(values[0]).toMatchObject({ labels: { type: 'call.new.0' }, value: 2 });
  expect(values.at(-1)).toMatchObject({ labels: { type: 'other' }, value: 10 });
});
