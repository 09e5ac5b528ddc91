import { Tally, type Logger } from '@ringback/runtime';
import { faultIn, partitionOf, type CommandBatch, type CommandReply } from '@ringback/schemas';
import type { OwnerMetrics } from './metrics.ts';

/** Keeps from an owner what it could not decide, or would keep for ever in a form that nobody can fold. */
export class CommandForms {
  readonly #partition: number;
  readonly #logger: Logger;
  readonly #metrics: OwnerMetrics;
  readonly #tally = new Tally();

  constructor(partition: number, ports: { readonly logger: Logger; readonly metrics: OwnerMetrics }) {
    this.#partition = partition;
    this.#logger = ports.logger;
    this.#metrics = ports.metrics;
  }

  /** Of a batch, the commands that are of this partition and whole; and what to answer to those that are not whole. */
  sort({ gateway, commands: all }: CommandBatch) {
    const commands: CommandBatch['commands'] = [];
    const refused: CommandReply[] = [];
    for (const { ref, command } of all) {
      const { callId } = command;
      if (partitionOf(callId) !== this.#partition) continue;
      const error = faultIn(command);
      if (error === undefined) commands.push({ ref, command });
      else refused.push({ ref, ok: false, callId, error });
    }
    for (const reply of refused) if (!reply.ok) this.#tell(gateway, reply);
    return { commands, refused };
  }

  /** Gateways have looked at it: one that sends it is newer, or broken. */
  #tell(gateway: string, { callId, error }: Extract<CommandReply, { ok: false }>): void {
    this.#metrics.rejections.inc({ code: error.code });
    const count = this.#tally.add(`${gateway} ${error.code}`);
    if (count !== undefined)
      this.#logger.warn({ gateway, callId, count, err: error }, 'a gateway sent a command of a wrong form');
  }
}
