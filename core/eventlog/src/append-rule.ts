import type { AppendResult } from './event-log.ts';
import { limits } from './limits.ts';
import {
  ApiRefused,
  NotWritable,
  storageCodes,
  StorageRefused,
  StreamMissing,
  streamMissingCode,
  type ApiError,
} from './log-errors.ts';

/** JetStream's own acknowledgement, or its refusal. */
export interface PubAck {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: ApiError;
}

/** What stands in one place of a stream, as far as the rule needs to know. */
export interface Slot {
  readonly seq: number;
  readonly id: string | undefined;
}

/** One append's two ways to the stream: to its leader, always. Both throw where there is no answer. */
export interface Wire {
  /** The same bytes, id and expected position each time. */
  publish(): Promise<PubAck>;
  /** `undefined` where there is no such message. Throws ApiRefused, or what the connection throws. */
  look(query: 'last' | number): Promise<Slot | undefined>;
  /** Nothing will ever be answered here again. */
  isClosed(): boolean;
}

/**
 * One append, tried until its outcome is known. Only an acknowledgement at the expected place is believed at
 * once. Everything else is ambiguous, refusals too: a refusal may be the echo of an earlier try that was stored (R1
 * checks the expected position before the id and says 10071; R3 checks the id first, but a leader may have changed
 * in between and says 10164, 10158 or 10201). Then the stream's leader is asked; what it can not prove is tried again.
 */
export async function appendSurely(
  wire: Wire,
  { id, expected }: { readonly id: string; readonly expected: number | undefined },
): Promise<AppendResult> {
  const giveUpAt = performance.now() + limits.appendMs;
  let wait: number = limits.retryMsMin;
  let cause: unknown;
  let isSilent = false;
  /** What the stream's leader says of the silence on its subject. */
  let diagnosis: Error | undefined;
  for (;;) {
    try {
      const { seq, error } = await wire.publish();
      if (seq !== undefined && error === undefined) {
        if (expected === undefined || seq === expected + 1) return { kind: 'stored', position: seq };
        // Acknowledged in a place that is not ours: two writers or a damaged stream. Nothing may rest on it.
        return { kind: 'unknown', cause: new Error(`append after ${expected} was acknowledged at ${seq}`) };
      }
      cause = storageCodes.has(error?.err_code ?? 0) ? new StorageRefused(error!) : new ApiRefused(id, error);
      isSilent = false;
    } catch (error) {
      cause = error;
      isSilent = true;
    }
    if (performance.now() > giveUpAt || wire.isClosed())
      return { kind: 'unknown', cause: diagnosis ?? cause };
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 2, limits.retryMsMax);
    try {
      const outcome = await lookUp(wire, id, expected);
      if (outcome !== undefined) return outcome;
      diagnosis = isSilent ? new NotWritable(cause) : undefined;
    } catch (error) {
      const isMissing = error instanceof ApiRefused && error.errCode === streamMissingCode;
      diagnosis = isMissing ? new StreamMissing(error) : undefined;
    }
  }
}

/** Settled, or `undefined` where nothing is proven and the same bytes must be sent again. */
async function lookUp(
  wire: Wire,
  id: string,
  expected: number | undefined,
): Promise<AppendResult | undefined> {
  const last = await wire.look('last');
  // A claim has no place of its own to look at; its id makes the resend safe.
  if (expected === undefined || last === undefined || last.seq <= expected) return undefined;
  const slot = await wire.look(expected + 1);
  if (slot === undefined) return { kind: 'unknown', cause: new Error('what stood there was purged') };
  return slot.id === id ? { kind: 'stored', position: slot.seq } : { kind: 'fenced' };
}
