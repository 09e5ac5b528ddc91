import { runCli } from './cli.ts';
import { processTerminal } from './terminal.ts';

/** The first Ctrl-C ends a command in order, the second at once. */
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());

// A reader that has seen enough (`ringback timeline … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`The output can not be written: ${error.message}.\n`, () => process.exit(1));
});
// Whoever closed it does not want to hear.
process.stderr.on('error', () => {});

process.exitCode = await runCli(process.argv.slice(2), processTerminal(), interrupted.signal);
