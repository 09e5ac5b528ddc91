// A child's output: in a bounded file, and its last lines in memory for when it fails.

import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { limits } from '../limits.ts';

export class LogFile {
  readonly path: string;
  readonly #bytesMax: number;
  #file: number;
  #bytes: number;
  #tail = '';

  constructor(path: string, bytesMax: number = limits.logBytesMax) {
    this.path = path;
    this.#bytesMax = bytesMax;
    this.#file = openSync(path, 'a', 0o600);
    this.#bytes = fstatSync(this.#file).size;
  }

  write(chunk: Buffer): void {
    if (this.#bytes + chunk.length > this.#bytesMax) this.#rotate();
    this.#bytes += chunk.length;
    // Lines of 200 characters are long; more than the last few screens is never shown.
    this.#tail = (this.#tail + chunk.toString('utf8')).slice(-limits.failureLines * 400);
    try {
      writeSync(this.#file, chunk);
    } catch {
      // A full disk must not end the platform: calls go on, their log lines are lost. nats-server says so loudly.
    }
  }

  lastLines(): string[] {
    return this.#tail.trimEnd().split('\n').slice(-limits.failureLines);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** One old file is kept, so that a log is at most twice the bound. */
  #rotate(): void {
    closeSync(this.#file);
    renameSync(this.path, `${this.path}.1`);
    this.#file = openSync(this.path, 'a', 0o600);
    this.#bytes = 0;
  }
}
