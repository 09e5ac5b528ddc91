import type { StoredCommit } from '@ringback/eventlog';
import type { Clock } from '@ringback/runtime';
import type { Entry } from './fold-batch.ts';
import { limits } from './limits.ts';

/** Commits that become one transaction. */
export interface Batch {
  readonly entries: readonly Entry[];
  /** Of its last commit. */
  readonly position: number;
  /** When the log stored that one, milliseconds since 1970. */
  readonly time: number;
}

/**
 * Gathers what the log gives while the batch before is written. Of facts that no view handles only call and
 * sequence are kept: SDP and parameters of media are most of the bytes, and no view's.
 *
 * This is the one place where events enter the views.
 */
export async function* gather(
  commits: AsyncIterable<StoredCommit>,
  handles: (type: string) => boolean,
  clock: Clock,
): AsyncGenerator<Batch, void> {
  let entries: Entry[] = [];
  let events = 0;
  let last: StoredCommit | undefined;
  /** What is delivered twice counts once. */
  let seen = 0;
  let over: { error?: unknown } | undefined;
  let stopped = false;
  let wake = Promise.withResolvers<void>();
  let room = Promise.withResolvers<void>();
  let restMs: number = limits.gatherMs;
  const isFull = () => events >= limits.batchEventsMax || entries.length >= limits.batchMovesMax;

  const pump = async () => {
    for await (const commit of commits) {
      if (commit.position <= seen) continue;
      seen = commit.position;
      for (const event of commit.body.events) {
        const handled = handles(event.type);
        if (handled) events += 1;
        entries.push({
          position: commit.position,
          callId: event.subject,
          seq: event.sequence,
          event: handled ? event : undefined,
        });
      }
      last = commit;
      wake.resolve();
      if (isFull()) await room.promise;
      if (stopped) return;
    }
  };
  pump().then(
    () => ((over = {}), wake.resolve()),
    (error: unknown) => ((over = { error }), wake.resolve()),
  );
  try {
    for (;;) {
      await wake.promise;
      if (last !== undefined && over === undefined && !isFull())
        await new Promise<void>((resolve) => clock.after(restMs, resolve));
      if (last !== undefined) {
        const batch: Batch = { entries, position: last.position, time: last.time };
        entries = [];
        events = 0;
        last = undefined;
        if (over === undefined) wake = Promise.withResolvers();
        room.resolve();
        room = Promise.withResolvers();
        const from = clock.monotonic();
        yield batch;
        const writing = (clock.monotonic() - from) * limits.restFactor;
        restMs = Math.min(Math.max(limits.gatherMs, writing), limits.gatherMsMax);
        continue;
      }
      if (over === undefined) {
        wake = Promise.withResolvers();
        continue;
      }
      if ('error' in over) throw over.error;
      return;
    }
  } finally {
    stopped = true;
    room.resolve();
  }
}
