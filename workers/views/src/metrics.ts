import { Counter, Gauge, type Registry } from '@ringback/runtime';

/** Figures of the views; how far they are behind is asked for when somebody looks. */
export function makeViewsMetrics(registry: Registry) {
  const registers = [registry];
  return {
    batches: new Counter({
      name: 'ringback_view_batches_total',
      help: 'Transactions that moved a view on.',
      labelNames: ['view'],
      registers,
    }),
    parked: new Counter({
      name: 'ringback_view_parked_calls_total',
      help: 'Calls that a view could not fold.',
      labelNames: ['view'],
      registers,
    }),
    commitsBehind: new Gauge({
      name: 'ringback_view_commits_behind',
      help: 'Commits of the log that a view does not have yet.',
      labelNames: ['view', 'partition'],
      registers,
    }),
    secondsBehind: new Gauge({
      name: 'ringback_view_seconds_behind',
      help: 'Age of the last commit in a view that has not all of them; 0 where it has.',
      labelNames: ['view', 'partition'],
      registers,
    }),
  };
}
export type ViewsMetrics = ReturnType<typeof makeViewsMetrics>;
