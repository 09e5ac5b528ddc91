// `npm start`: sets up what is missing, starts the platform, keeps it up, ends it.

import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { partVersions } from '@ringback/runtime/native-parts';
import { tryLock } from '../bootstrap/lock.mjs';
import { onParentGone } from '../bootstrap/parent.mjs';
import { runStep } from '../bootstrap/progress.mjs';
import { SetupError, describe } from '../bootstrap/remedies.mjs';
import { homeDir, loadOrMakeSecrets, makeHome, readRunFile } from './home.ts';
import { planPlatform, type Platform, type ViewsPlan } from './platform.ts';
import { setUpToStart } from './setup/set-up.ts';
import type { ChildSpec } from './supervise/child.ts';
import { Supervisor } from './supervise/supervisor.ts';
import { watchSources } from './supervise/watch.ts';

export async function start(root: string, { watch }: { watch: boolean }): Promise<number> {
  const startedMs = performance.now();
  const home = homeDir(root);
  makeHome(home);
  takeHome(home);
  await setUpToStart(root);
  const platform = await planPlatform(root, home, loadOrMakeSecrets(home), { watch });
  const supervisor = new Supervisor(home, platform, say);
  const over = supervisor.run();
  onStopSignals(supervisor);
  if (await supervisor.ready()) {
    printUrls(root, home, platform, startedMs);
    void startViewsLater(supervisor, platform.views);
    if (watch) watchSources(root, supervisor, say);
    // The build takes ten CPU minutes and calls of two do not need it: the platform is up meanwhile.
    else if (platform.media !== undefined) void startCallServerLater(supervisor, platform.media);
  }
  return over;
}

/** One platform per RINGBACK_HOME: two would write one JetStream store. */
function takeHome(home: string): void {
  const lock = join(home, 'supervisor.lock');
  const holder = tryLock(lock);
  if (holder === undefined) {
    process.on('exit', () => rmSync(lock, { force: true }));
    return;
  }
  const run = readRunFile(home);
  throw new SetupError(
    `Ringback is running here already${run === undefined ? '' : `: ${run.url}`} (process ${holder.pid}).`,
    `Use that one, stop it (kill ${holder.pid}), or start another with its own RINGBACK_HOME and PORT.`,
  );
}

function onStopSignals(supervisor: Supervisor): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal).on(signal, () => supervisor.stop());
  }
  onParentGone(() => supervisor.stop());
}

/** Lists of calls are there some seconds later; on the very first start a fresh database is made, which takes ten. */
async function startViewsLater(supervisor: Supervisor, { postgres, worker }: ViewsPlan): Promise<void> {
  try {
    if (postgres !== undefined) {
      const { setUpPostgres } = await import('./setup/postgres.ts');
      await setUpPostgres(() => {});
      supervisor.add(postgres);
    }
    supervisor.add(worker);
  } catch (error) {
    say(`There is no Postgres, so no lists of calls; calls themselves go on.${describe(error)}`);
  }
}

async function startCallServerLater(supervisor: Supervisor, callServer: ChildSpec): Promise<void> {
  try {
    const { setUpMediasoup } = await import('./setup/mediasoup.ts');
    say(
      `mediasoup worker ${partVersions.mediasoup} is being made ready in the background; until then calls are peer to peer, of up to eight`,
    );
    await runStep(`mediasoup worker ${partVersions.mediasoup}`, setUpMediasoup, {
      out: { write: onlyFinished },
    });
    supervisor.add(callServer);
    say('The Call Server is starting: calls of three and more go through it from now on.');
  } catch (error) {
    say(
      `There is no mediasoup worker, so no Call Server: calls of two to eight, peer to peer.${describe(error)}`,
    );
  }
}

/** The platform's own lines come in between: of a step in the background only the result is worth one. */
function onlyFinished(text: string): void {
  if (!text.endsWith('…\n')) process.stdout.write(text);
}

function printUrls(root: string, home: string, { url, ports }: Platform, startedMs: number): void {
  const rows = [
    ['Open', url],
    ['Timeline', `${url}/t/<callId>`],
    ['API', `${url}/docs`],
    ...(ports.edges === undefined
      ? []
      : [['Gateways', ports.edges.map((port) => `127.0.0.1:${port}`).join(', ')]]),
    ['Data, logs', relative(root, home) || home],
    ['Look inside', 'npx ringback doctor'],
    ['Stop', 'Ctrl-C'],
  ];
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  say(`\nRingback is up (${seconds} s)\n`);
  for (const [what, value] of rows) say(`  ${(what ?? '').padEnd(12)} ${value}`);
  say(
    '\n  Cameras work on localhost; from other machines browsers ask for HTTPS: put a reverse proxy in front.\n',
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
