import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { calls } from './commands/calls.ts';
import { exportCall } from './commands/export.ts';
import { parked } from './commands/parked.ts';
import { replay } from './commands/replay.ts';
import { timeline } from './commands/timeline.ts';
import { views } from './commands/views.ts';
import { Failure, usageFailure } from './failure.ts';
import { commandHelp, generalHelp } from './help.ts';
import { nearest } from './suggest.ts';
import type { Terminal } from './terminal.ts';

/** The doctor brings the set-up's code with it: loaded only when it is called. */
const doctor: Command = {
  name: 'doctor',
  summary: 'Say which parts are there, in which version, and what to do about those that are not.',
  positionals: [],
  options: {},
  notes: ['Also says how to look inside with the nats command line. Exit code 1 where a part fails.'],
  run: async (args, terminal) => (await import('./commands/doctor.ts')).runDoctorCommand(args, terminal),
};

export const commands: readonly Command[] = [calls, timeline, exportCall, replay, parked, views, doctor];

/**
 * Runs one command.
 *
 * @param words what was typed after `ringback`
 * @param signal Ctrl-C
 * @returns the exit code: 0 done, 1 failed, 2 asked wrongly
 */
export async function runCli(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await dispatch(words, terminal, signal);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    terminal.writeError(failureText(error, words.includes('--json')));
    return error.exitCode;
  }
}

async function dispatch(words: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.write(generalHelp(commands));
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) throw unknownCommand(name);
  const args = parseArguments(command, rest);
  if (args.values.help === true) {
    terminal.write(commandHelp(command));
    return 0;
  }
  return command.run(args, terminal, signal);
}

function unknownCommand(name: string): Failure {
  const names = commands.map((command) => command.name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? '' : ` Did you mean ringback ${meant}?`;
  return usageFailure(`There is no command "${name}".${hint}`, 'See ringback --help.');
}

/** Standard output stays what was asked for; with --json the failure is a JSON line too, on standard error. */
function failureText({ code, message, remedy }: Failure, json: boolean): string {
  if (json) return `${JSON.stringify({ error: { code, message, remedy } })}\n`;
  return `${message}\n  ${remedy}\n`;
}
