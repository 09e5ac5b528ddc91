// A supervised process must not outlive its supervisor, also when that one is killed with SIGKILL and can tell nobody.
// The supervisor holds the other end of our stdin and never writes: the kernel closes it when the supervisor is gone.

/** How long a graceful stop may take after the supervisor is gone; the same as the supervisor's own patience. */
const graceMs = 4_000;

/** Call once at the start of a process that the supervisor runs. Does nothing when started by hand from a terminal. */
export function exitWithParent(): void {
  if (process.env.RINGBACK_SUPERVISED !== '1') return;
  process.stdin.on('error', orphaned).on('end', orphaned).resume();
  // Watching must not be what keeps a process alive that has otherwise finished.
  (process.stdin as { unref?: () => void }).unref?.();
}

function orphaned(): void {
  setTimeout(() => process.exit(1), graceMs).unref();
  // The ordinary graceful stop, so that what is in flight is finished.
  process.kill(process.pid, 'SIGTERM');
}
