import type { Logger } from './log.ts';

/** Longest that a graceful end may take before the process ends anyway: below the supervisor's own 4 s. */
const shutdownMsMax = 3_500;

/** Runs `stop` once on SIGTERM or SIGINT, then exits with 0; a second signal, or too long a time, ends at once. */
export function onShutdown(log: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const end = (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error({ shutdownMsMax }, 'stopping took too long');
      process.exit(1);
    }, shutdownMsMax).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
}
