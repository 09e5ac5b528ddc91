import { Counter, Trend } from 'k6/metrics';

/** What is measured beside k6's own metrics. Names end in their unit; counters count. */
export const metrics = {
  /** From opening the socket to the call's state: handshake, token, join, snapshot. */
  joinMs: new Trend('ringback_join_ms', true),
  /** From opening a new socket to having all that was missed. */
  returnMs: new Trend('ringback_return_ms', true),
  /** From sending an action to its reply: then it is on the disk. */
  replyMs: new Trend('ringback_reply_ms', true),
  /** From sending an action to its event at one of the others. */
  deliveryMs: new Trend('ringback_delivery_ms', true),
  deliveries: new Counter('ringback_deliveries'),
  /** Deliveries that do not follow the one before (`after`). */
  gaps: new Counter('ringback_gaps'),
  /** Deliveries of what was there already. */
  repeats: new Counter('ringback_repeats'),
  /** Snapshots in the place of missed events. */
  resyncs: new Counter('ringback_resyncs'),
  /** People who did not get everything before the call was over. */
  missed: new Counter('ringback_missed'),
  /** Replies that say no. */
  refused: new Counter('ringback_refused'),
  /** Sockets that ended without being asked to. */
  lost: new Counter('ringback_lost'),
};

/** For `setup()`: a counter that never counted is a zero in the summary, and a threshold on it is not skipped. */
export function startCounters(): void {
  const { deliveries, gaps, repeats, resyncs, missed, refused, lost } = metrics;
  for (const counter of [deliveries, gaps, repeats, resyncs, missed, refused, lost]) counter.add(0);
}
