import { Counter, Gauge, Histogram, type Registry } from '@ringback/runtime';
import { limits } from './limits.ts';

/** Figures of the owners in one process. */
export function makeOwnerMetrics(registry: Registry) {
  const registers = [registry];
  const skipped = new Counter({
    name: 'ringback_skipped_events_total',
    help: 'Events found in the log, of types that only newer code knows, by type.',
    labelNames: ['type'],
    registers,
  });
  const skippedTypes = new Set<string>();
  return {
    commands: new Counter({ name: 'ringback_commands_total', help: 'Commands decided.', registers }),
    rejections: new Counter({
      name: 'ringback_rejections_total',
      help: 'Commands refused, by code.',
      labelNames: ['code'],
      registers,
    }),
    parked: new Counter({
      name: 'ringback_parked_calls_total',
      help: 'Calls found in the log that can not be folded.',
      registers,
    }),
    /** The types come out of the log: those beyond the first few count as `other`. */
    skipped: (type: string) => {
      if (skippedTypes.size < limits.skippedTypesMax) skippedTypes.add(type);
      skipped.inc({ type: skippedTypes.has(type) ? type : 'other' });
    },
    halted: new Gauge({
      name: 'ringback_halted_partitions',
      help: 'Partitions stopped at a commit that can not be decoded.',
      registers,
    }),
    overloaded: new Counter({
      name: 'ringback_overloaded_total',
      help: 'Commands turned away because too many waited.',
      registers,
    }),
    callOverloaded: new Counter({
      name: 'ringback_call_overloaded_total',
      help: 'Commands turned away because too much was asked of their call.',
      registers,
    }),
    owned: new Gauge({ name: 'ringback_owned_partitions', help: 'Partitions owned here.', registers }),
    taken: new Counter({
      name: 'ringback_partitions_taken_total',
      help: 'Partitions taken: unowned, after a death or a freeze, or handed over.',
      labelNames: ['reason'],
      registers,
    }),
    handedOver: new Counter({
      name: 'ringback_partitions_handed_over_total',
      help: 'Partitions given to another worker.',
      registers,
    }),
    withoutOwnerSeconds: new Histogram({
      name: 'ringback_without_owner_seconds',
      help: 'Time from the last sign of the former owner until the next one serves.',
      labelNames: ['reason'],
      buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 10, 30],
      registers,
    }),
    commits: new Counter({ name: 'ringback_commits_total', help: 'Commits appended.', registers }),
    events: new Counter({ name: 'ringback_events_total', help: 'Events appended.', registers }),
    appendSeconds: new Histogram({
      name: 'ringback_append_seconds',
      help: 'Time from sending a commit to its acknowledgement.',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    waiting: new Gauge({
      name: 'ringback_commands_waiting',
      help: 'Commands waiting for a commit.',
      labelNames: ['partition'],
      registers,
    }),
    liveCalls: new Gauge({
      name: 'ringback_live_calls',
      help: 'Calls in memory.',
      labelNames: ['partition'],
      registers,
    }),
    snapshotAgeCommits: new Gauge({
      name: 'ringback_snapshot_age_commits',
      help: 'Commits that the last snapshot does not hold.',
      labelNames: ['partition'],
      registers,
    }),
    snapshotBytes: new Gauge({
      name: 'ringback_snapshot_bytes',
      help: 'Size of the last snapshot as stored.',
      labelNames: ['partition'],
      registers,
    }),
    snapshotSeconds: new Gauge({
      name: 'ringback_snapshot_seconds',
      help: 'How long the last snapshot took, beside everything else.',
      labelNames: ['partition'],
      registers,
    }),
    restoreSeconds: new Gauge({
      name: 'ringback_restore_seconds',
      help: 'From the claim until all calls were in memory, the last time.',
      labelNames: ['partition'],
      registers,
    }),
    epoch: new Gauge({
      name: 'ringback_owner_epoch',
      help: 'Epoch of the partitions owned here; absent where not owned.',
      labelNames: ['partition'],
      registers,
    }),
  };
}
export type OwnerMetrics = ReturnType<typeof makeOwnerMetrics>;
