// A supervised process must not outlive its supervisor, also when that one is killed with SIGKILL and can tell nobody.
// The supervisor holds the other end of our stdin: the kernel closes it when the supervisor is gone. It writes nothing there
// but, to a process that stands by, the one line that ends its waiting.

/** How long a graceful stop may take after the supervisor is gone; the same as the supervisor's own patience. */
const graceMs = 4_000;

/** Call once at the start of a process that the supervisor runs. Does nothing when started by hand from a terminal. */
export function exitWithParent(): void {
  if (process.env.RINGBACK_SUPERVISED !== '1') return;
  process.stdin.on('error', orphaned).on('end', orphaned).resume();
  // Watching must not be what keeps a process alive that has otherwise finished.
  stdin().unref?.();
}

/**
 * For a process that stands by, loaded, to take the place of one that dies: settles when its time has come; at once in every
 * other process. To be called in the same turn as `exitWithParent`, which else reads past what is said meanwhile.
 */
export function untilNeeded(): Promise<void> {
  if (process.env.RINGBACK_STAND_BY !== '1') return Promise.resolve();
  // Waiting must.
  stdin().ref?.();
  return new Promise((resolve) =>
    process.stdin.once('data', () => {
      stdin().unref?.();
      resolve();
    }),
  );
}

function orphaned(): void {
  setTimeout(() => process.exit(1), graceMs).unref();
  // The ordinary graceful stop, so that what is in flight is finished.
  process.kill(process.pid, 'SIGTERM');
}

/** A pipe, a file or a terminal: not each of them can be told whether it keeps the process alive. */
function stdin(): { ref?: () => void; unref?: () => void } {
  return process.stdin;
}
