import type { Arguments, CommandSpec } from './arguments.ts';
import type { Terminal } from './terminal.ts';

export interface Command extends CommandSpec {
  /**
   * @param signal Ctrl-C
   * @returns the exit code
   */
  run(args: Arguments, terminal: Terminal, signal: AbortSignal): Promise<number>;
}

/** One JSON document on a line of its own. */
export function writeJson(terminal: Terminal, value: unknown): void {
  terminal.write(`${JSON.stringify(value)}\n`);
}
