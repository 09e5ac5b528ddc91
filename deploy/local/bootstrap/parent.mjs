// @ts-check
// Noticing that whoever started us is gone, when it was killed in a way that it could not forward.

import { readFileSync } from 'node:fs';

const pollMs = 1_000;

/**
 * Started by run.mjs, the channel to it closes. Started by npm, npm is no longer there; only under npm, since a script's
 * own shell may end on purpose (`node deploy/local/run.mjs start &`).
 * @param {() => void} onGone
 */
export function onParentGone(onGone) {
  if (process.channel !== undefined && process.channel !== null) {
    process.once('disconnect', onGone);
    process.channel.unref(); // watching is no reason to stay alive
    return;
  }
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = npmPid();
  const timer = setInterval(() => {
    if (npmPid() === npm) return;
    clearInterval(timer);
    onGone();
  }, pollMs);
  timer.unref();
}

/** npm runs a script through a shell, which may or may not stay between npm and us. */
function npmPid() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    return /^(sh|dash|bash)$/.test(name) ? Number(rest.split(' ')[1]) : process.ppid;
  } catch {
    return process.ppid; // no /proc: macOS, whose shell steps aside
  }
}
