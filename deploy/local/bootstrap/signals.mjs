// @ts-check

/**
 * Ends through process.exit, so that what listens to `exit` tidies up: programs that were started are ended, locks are
 * given back. Replaces what listened before.
 */
export function exitOnSignals() {
  for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 })) {
    process.removeAllListeners(signal).once(signal, () => process.exit(128 + number));
  }
}
