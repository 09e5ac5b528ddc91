// nats-server does not get over a full disk by itself: a stream that could not be written stays closed until it is started
// again (seen with 2.15.2), though the process lives and answers. Here it is told, and mended once there is room.

import { limits } from '../limits.ts';

export interface BusLook {
  /** Process id: another one is another life. */
  readonly pid: number | undefined;
  /** What /healthz said; undefined where it did not answer. */
  readonly isWell: boolean | undefined;
  /** On the disk of the log. Bytes. */
  readonly freeBytes: number;
  /** Monotonic milliseconds. */
  readonly now: number;
}

/** Decides when nats-server has to be started again. */
export class BusWatch {
  readonly #say: (line: string) => void;
  #pid: number | undefined;
  /** This life was well once: before that it reads its streams, which may take long and must not be cut short. */
  #wasWell = false;
  #sickSince: number | undefined;
  #told = false;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** @returns whether to start it again now */
  look({ pid, isWell, freeBytes, now }: BusLook): boolean {
    if (pid !== this.#pid) {
      this.#pid = pid;
      this.#wasWell = false;
      this.#sickSince = undefined;
    }
    if (isWell === true) {
      this.#wasWell = true;
      this.#told = false;
    }
    // No answer is a freeze or a start; it is killed or comes back without us.
    if (isWell !== false) this.#sickSince = undefined;
    if (isWell !== false || !this.#wasWell) return false;
    this.#sickSince ??= now;
    if (now - this.#sickSince < limits.busSickMs) return false;
    const free = `${Math.floor(freeBytes / 1024 ** 2)} MiB are free on its disk`;
    if (freeBytes >= limits.busFreeBytesMin) {
      this.#say(`nats-server can not write, and ${free}: it starts again.`);
      this.#wasWell = false;
      return true;
    }
    if (!this.#told)
      this.#say(
        `nats-server can not write: ${free}. Calls stand still. Free ${limits.busFreeBytesMin / 1024 ** 2} MiB or more: it starts again by itself then.`,
      );
    this.#told = true;
    return false;
  }
}
