import type { CommitBody } from '@ringback/schemas';
import type { Append, AppendResult, EventLog, StoredCommit } from './event-log.ts';

/** What a test may do to an append on its way. */
export interface MemoryLogFaults {
  /** Stored, but the acknowledgement is lost: the writer sees a time-out and asks again. */
  dropAcks: number;
  /** While set, appends wait for it: a slow disk, an election. */
  hold: Promise<void> | undefined;
}

/** The in-memory twin of the JetStream log: same contract, same fence, faults on demand. For tests and simulation. */
export class MemoryLog implements EventLog {
  readonly #partitions = new Map<number, { commits: StoredCommit[]; ids: Map<string, number> }>();
  readonly #waiting = new Set<() => void>();
  readonly #now: () => number;
  readonly faults: MemoryLogFaults = { dropAcks: 0, hold: undefined };

  constructor(now: () => number) {
    this.#now = now;
  }

  async append(request: Append): Promise<AppendResult> {
    // Bytes go over a wire: what is stored is what they were at this moment.
    const text = request.text ?? JSON.stringify(request.body);
    await this.faults.hold;
    await Promise.resolve();
    const first = this.#store(request, text);
    if (this.faults.dropAcks === 0) return first;
    this.faults.dropAcks -= 1;
    return this.#store(request, text);
  }

  #store({ partition, id, expected }: Append, text: string): AppendResult {
    const { commits, ids } = this.#partition(partition);
    const known = ids.get(id);
    if (known !== undefined) return { kind: 'stored', position: known };
    if (expected !== undefined && expected !== commits.length) return { kind: 'fenced' };
    const position = commits.length + 1;
    commits.push({ position, time: this.#now(), body: JSON.parse(text) as CommitBody });
    ids.set(id, position);
    for (const wake of this.#waiting) wake();
    return { kind: 'stored', position };
  }

  async *read(
    partition: number,
    range: { from?: number; fromTime?: number; to?: number } = {},
  ): AsyncIterable<StoredCommit> {
    const { commits } = this.#partition(partition);
    const to = Math.min(range.to ?? commits.length, commits.length);
    for (let position = range.from ?? 1; position <= to; position++) {
      const commit = commits[position - 1];
      if (commit !== undefined && commit.time >= (range.fromTime ?? 0)) yield structuredClone(commit);
    }
  }

  async *follow(partition: number, from: number, signal: AbortSignal): AsyncIterable<StoredCommit> {
    const { commits } = this.#partition(partition);
    for (let position = from; !signal.aborted;) {
      const commit = commits[position - 1];
      if (commit === undefined) {
        await this.#more(signal);
        continue;
      }
      position += 1;
      yield structuredClone(commit);
    }
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  #partition(partition: number) {
    let found = this.#partitions.get(partition);
    if (found === undefined) this.#partitions.set(partition, (found = { commits: [], ids: new Map() }));
    return found;
  }
}
