import { limits } from './limits.ts';

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What k6 logs as errors. A load that fails says the same a thousand times: kinds are kept, and counted. */
export class Complaints {
  readonly #counts = new Map<string, number>();

  /** @param line of k6's log: logfmt, or plain where it did not get as far as logging */
  hear(line: string): void {
    // Warnings are about iterations that were cut off at the end; which thresholds were crossed, the table says.
    const isNoise = line.includes('level=warning') || line.includes('level=info');
    if (isNoise || line.includes('msg="thresholds on metrics')) return;
    const kind = (/msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line)
      .replaceAll(uuid, '…')
      .slice(0, limits.complaintLengthMax);
    const count = this.#counts.get(kind);
    if (count !== undefined || this.#counts.size < limits.complaintsMax)
      this.#counts.set(kind, (count ?? 0) + 1);
  }

  get lines(): string[] {
    return [...this.#counts].map(([kind, count]) => `${count} x ${kind}`);
  }
}
