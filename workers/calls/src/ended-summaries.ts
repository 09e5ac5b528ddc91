import { summarize } from '@ringback/domain';
import type { CallSummary, CallView } from '@ringback/schemas';
import { limits } from './limits.ts';

export interface EndedCall {
  readonly tenantId: string;
  readonly users: readonly string[];
  readonly summary: CallSummary;
}

/** Ended calls for the question `list`, and for nothing else. */
export class EndedSummaries {
  /** In the order they ended. */
  readonly #calls = new Map<string, EndedCall>();
  /** By `<tenant>/<user>`, so that a list costs what it shows. */
  readonly #callsOf = new Map<string, Set<string>>();

  addView(view: CallView): void {
    const users = new Set([view.createdBy, ...Object.values(view.participants).map((p) => p.userId)]);
    this.add({ tenantId: view.tenantId, users: [...users], summary: summarize(view) });
  }

  add(call: EndedCall): void {
    const { callId } = call.summary;
    this.#calls.set(callId, call);
    for (const user of call.users) {
      const key = `${call.tenantId}/${user}`;
      const theirs = this.#callsOf.get(key);
      if (theirs === undefined) this.#callsOf.set(key, new Set([callId]));
      else theirs.add(callId);
    }
    for (const [oldest, old] of this.#calls) {
      if (this.#calls.size <= limits.endedSummariesMax) break;
      this.#forget(oldest, old);
    }
  }

  all(): IterableIterator<EndedCall> {
    return this.#calls.values();
  }

  *of(tenantId: string | undefined, userId: string | undefined): Iterable<CallSummary> {
    if (tenantId !== undefined && userId !== undefined) {
      for (const callId of this.#callsOf.get(`${tenantId}/${userId}`) ?? [])
        yield this.#calls.get(callId)!.summary;
      return;
    }
    for (const call of this.#calls.values()) {
      if (
        (tenantId ?? call.tenantId) === call.tenantId &&
        (userId === undefined || call.users.includes(userId))
      )
        yield call.summary;
    }
  }

  #forget(callId: string, { tenantId, users }: EndedCall): void {
    this.#calls.delete(callId);
    for (const user of users) {
      const theirs = this.#callsOf.get(`${tenantId}/${user}`);
      theirs?.delete(callId);
      if (theirs?.size === 0) this.#callsOf.delete(`${tenantId}/${user}`);
    }
  }
}
