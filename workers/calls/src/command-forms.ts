import { Tally, type Logger } from '@ringback/runtime';
import { faultIn, partitionOf, type CommandBatch, type Rejection } from '@ringback/schemas';
import type { Asked } from './command-queue.ts';

/** Keeps from an owner what it could not decide, or would keep for ever in a form that nobody can fold. */
export class CommandForms {
  readonly #partition: number;
  readonly #logger: Logger;
  readonly #tally = new Tally();

  constructor(partition: number, { logger }: { readonly logger: Logger }) {
    this.#partition = partition;
    this.#logger = logger;
  }

  /** Of a batch, the commands that are of this partition; with why it can not be decided, where it can not. */
  look({ gateway, commands }: CommandBatch): Asked[] {
    const asked: Asked[] = [];
    for (const { ref, command } of commands) {
      if (partitionOf(command.callId) !== this.#partition) continue;
      const wrongForm = faultIn(command);
      if (wrongForm !== undefined) this.#tell(gateway, command.callId, wrongForm);
      asked.push({ ref, command, wrongForm });
    }
    return asked;
  }

  /** Gateways have looked at it: one that sends it is newer, or broken. */
  #tell(gateway: string, callId: string, error: Rejection): void {
    const count = this.#tally.add(`${gateway} ${error.code}`);
    if (count !== undefined)
      this.#logger.warn({ gateway, callId, count, err: error }, 'a gateway sent a command of a wrong form');
  }
}
