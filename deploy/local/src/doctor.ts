// What is there, what runs, and what to do about the rest. Looks only: changes and installs nothing.

import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, resolve } from 'node:path';
import {
  cacheDir,
  chromiumPath,
  mediasoupWorkerPath,
  natsServerPath,
  onPath,
  partVersions,
  turnserverPath,
  uwsBinaryPath,
} from '@ringback/runtime/native-parts';
import { answersStun } from '@ringback/runtime/stun';
import { run } from '../bootstrap/command.mjs';
import { isAlive, readHolder } from '../bootstrap/lock.mjs';
import { packagesAreFresh } from '../bootstrap/packages.mjs';
import { homeDir, readRunFile, type RunFile } from './home.ts';
import { limits } from './limits.ts';
import { healthOf } from './platform.ts';
import { socketFolder, socketName } from './postgres/socket-folder.ts';
import { workerRuns } from './setup/mediasoup.ts';
import { installCommand } from './setup/system.ts';
import { loads } from './setup/uws.ts';

export interface DoctorRow {
  part: string;
  /** Empty where the part has none or it is not there. */
  version: string;
  /** `warn`: the platform runs, something of it does not. */
  state: 'ok' | 'warn' | 'fail';
  detail: string;
  /** What to do; empty when all is well. */
  remedy: string;
}

type Finding = Omit<DoctorRow, 'part'>;

const root = resolve(import.meta.dirname, '../../..');
const setUp = 'Run npm run setup.';

/** @param home RINGBACK_HOME of the platform to look at */
export async function runDoctor(home: string = homeDir(root)): Promise<DoctorRow[]> {
  const running = runningPlatform(home);
  const checks: [part: string, check: () => Promise<Finding> | Finding][] = [
    ['Node.js', node],
    ['packages', packages],
    ['nats-server', () => natsServer(running)],
    ['uWebSockets.js', uws],
    ['Postgres', () => postgres(running, home)],
    ['mediasoup worker', mediasoup],
    ['coturn', () => coturn(running)],
    ['Chromium', chromium],
    ['platform', () => platform(running, home)],
    ['calls workers', () => callsWorkers(running, home)],
    ['disk', () => disk(home)],
  ];
  return Promise.all(checks.map(async ([part, check]) => ({ part, ...(await check()) })));
}

function ok(version: string, detail: string): Finding {
  return { version, state: 'ok', detail, remedy: '' };
}

/** The run file of a platform that is still there: one that was killed leaves its file behind. */
function runningPlatform(home: string): RunFile | undefined {
  const holder = readHolder(resolve(home, 'supervisor.lock'));
  return holder !== undefined && isAlive(holder) ? readRunFile(home) : undefined;
}

function node(): Finding {
  const version = process.versions.node;
  if (version === partVersions.node) return ok(version, process.execPath);
  if (version.startsWith('24.')) return ok(version, `${process.execPath} (tried with ${partVersions.node})`);
  return { version, state: 'fail', detail: process.execPath, remedy: `Node.js 24 is needed. ${setUp}` };
}

function packages(): Finding {
  if (packagesAreFresh(root, 'run')) return ok('', 'as package-lock.json says');
  const remedy = 'Run npm run setup, or just npm start.';
  return {
    version: '',
    state: 'warn',
    detail: 'package-lock.json has changed since they were installed',
    remedy,
  };
}

async function natsServer(running: RunFile | undefined): Promise<Finding> {
  const outside = running !== undefined && running.ports.nats === undefined;
  if (outside) return ok('', `not ours: ${running.natsUrl} (RINGBACK_NATS_URL)`);
  const path = natsServerPath();
  if (path === undefined) return { version: '', state: 'fail', detail: 'not there', remedy: setUp };
  const printed = await run(path, ['--version']);
  const version = /v(\d+\.\d+\.\d+)/.exec(printed.stdout)?.[1] ?? '';
  if (!printed.ok)
    return { version, state: 'fail', detail: `${path}: ${printed.status}`, remedy: `Remove it. ${setUp}` };
  if (running === undefined) return ok(version, `${path}; not running`);
  const { natsMonitoring, nats } = running.ports;
  const isWell = await healthOf(`http://127.0.0.1:${natsMonitoring}/healthz`);
  if (isWell === true) return ok(version, `answers on 127.0.0.1:${nats}`);
  if (isWell === false) {
    const detail = `answers on 127.0.0.1:${nats}, but its log can not be written, or is being read still`;
    const remedy =
      'Free space where the disk is full: it is started again by itself then. Look at logs/nats-server.log in RINGBACK_HOME.';
    return { version, state: 'fail', detail, remedy };
  }
  return {
    version,
    state: 'fail',
    detail: `does not answer on 127.0.0.1:${natsMonitoring}/healthz`,
    remedy: 'Look at logs/nats-server.log in RINGBACK_HOME, then stop and start the platform.',
  };
}

async function uws(): Promise<Finding> {
  const path = uwsBinaryPath();
  const version = partVersions.uWebSockets;
  if (path === undefined) return { version: '', state: 'fail', detail: 'not there', remedy: setUp };
  const copy = path.startsWith(cacheDir()) ? 'the copy for this glibc loads' : 'loads as packaged';
  if ((await loads(path)).ok) return ok(version, copy);
  return { version, state: 'fail', detail: `${path} does not load`, remedy: setUp };
}

/** Without it there are no lists of calls; calls go on. */
async function postgres(running: RunFile | undefined, home: string): Promise<Finding> {
  const version = partVersions.pglite;
  if (running === undefined) return ok(version, 'embedded; not running');
  if (running.processes['views worker'] !== undefined && running.processes.postgres === undefined)
    return ok('', 'not ours (RINGBACK_POSTGRES_URL)');
  const path = resolve(socketFolder(home), socketName);
  if (await accepts(path)) return ok(version, `answers on ${path}`);
  const remedy = 'Seconds after the start that is normal; else look at logs/postgres.log in RINGBACK_HOME.';
  return { version, state: 'warn', detail: `does not answer on ${path}: no lists of calls`, remedy };
}

function accepts(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.setTimeout(limits.probeMs, () => socket.destroy());
    socket.on('connect', () => socket.end());
    socket.on('connect', () => done(true));
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
  });
}

async function mediasoup(): Promise<Finding> {
  const path = mediasoupWorkerPath();
  const version = partVersions.mediasoup;
  if (path === undefined) {
    return {
      version: '',
      state: 'warn',
      detail: 'not there: no Call Server; calls of two to eight, peer to peer',
      remedy: setUp,
    };
  }
  if (await workerRuns(path)) return ok(version, path);
  return { version, state: 'warn', detail: `${path} does not run`, remedy: `Remove it. ${setUp}` };
}

async function coturn(running: RunFile | undefined): Promise<Finding> {
  if (process.env.RINGBACK_TURN_SERVERS)
    return ok('', `not ours: RINGBACK_TURN_SERVERS (/readyz says which answer)`);
  const path = turnserverPath();
  if (path === undefined) {
    const detail = 'not installed: no calls between networks that block direct connections';
    return {
      version: '',
      state: 'warn',
      detail,
      remedy: `Run ${installCommand(['coturn'])}, then start again.`,
    };
  }
  // coturn has no --version; it says its own in the first lines of its log.
  const ports = running?.ports.turn;
  if (running === undefined) return ok('', `${path}; not running`);
  if (ports === undefined) {
    return {
      version: '',
      state: 'warn',
      detail: 'installed after the start',
      remedy: 'Stop and start the platform.',
    };
  }
  const answers = await Promise.all(ports.map((port) => answersStun('127.0.0.1', port, limits.probeMs)));
  const silent = ports.filter((_, i) => !answers[i]);
  if (silent.length === 0) return ok('', `answers STUN on port ${ports.join(', ')}`);
  const remedy = 'Look at logs/coturn*.log in RINGBACK_HOME; a firewall on this machine may be in the way.';
  return { version: '', state: 'warn', detail: `does not answer STUN on port ${silent.join(', ')}`, remedy };
}

async function chromium(): Promise<Finding> {
  const path = chromiumPath();
  const only = 'for tests with real browsers only';
  if (path === undefined)
    return { version: '', state: 'warn', detail: `not there; ${only}`, remedy: 'npm test gets it.' };
  const { ok: runs, stdout } = await run(path, ['--version'], { timeoutMs: limits.browserVersionMs });
  const version = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? '';
  if (runs) return ok(version, `${path}; ${only}`);
  return { version, state: 'warn', detail: `${path} does not run; ${only}`, remedy: 'Install it anew.' };
}

async function platform(running: RunFile | undefined, home: string): Promise<Finding> {
  if (running === undefined) {
    const crashed = existsSync(resolve(home, 'run.json')) ? 'was killed' : 'not running';
    return { version: '', state: 'warn', detail: `${crashed} (${home})`, remedy: 'Run npm start.' };
  }
  const { ports, url, pid } = running;
  const gateways = ports.edges ?? [ports.edge];
  const well = await Promise.all(gateways.map((port) => healthOf(`http://127.0.0.1:${port}/readyz`)));
  const unwell = gateways.filter((_, i) => well[i] !== true);
  const remedy = `Look at ${resolve(home, 'logs')}: edge*.log and calls.log.`;
  if (unwell.length === gateways.length)
    return { version: '', state: 'fail', detail: `${url}/readyz does not answer 200`, remedy };
  const several =
    gateways.length === 1 ? '' : `, ${gateways.length - unwell.length} of ${gateways.length} gateways`;
  if (unwell.length === 0) return ok('', `${url} is ready (process ${pid}${several})`);
  const detail = `${url} is ready${several}: 127.0.0.1:${unwell.join(', :')}/readyz does not answer 200`;
  return { version: '', state: 'warn', detail, remedy };
}

async function callsWorkers(running: RunFile | undefined, home: string): Promise<Finding> {
  if (running === undefined) return ok('', 'not running');
  const remedy = `Look at ${resolve(home, 'logs')}: calls*.log and nats-server.log.`;
  try {
    // The doctor also runs where packages are missing.
    const { listenForOwners } = await import('./owners.ts');
    const workers = Object.entries(await listenForOwners(running.natsUrl, home)).toSorted();
    if (workers.length > 0)
      return ok('', workers.map(([worker, owned]) => `${worker} owns ${owned.join(' ')}`).join(', '));
    return { version: '', state: 'fail', detail: 'no partition has an owner', remedy };
  } catch (error) {
    const detail = `who owns the partitions can not be heard: ${String(error)}`;
    return { version: '', state: 'warn', detail, remedy };
  }
}

function disk(home: string): Finding {
  // Before the first start the folder itself is not there yet.
  let folder = home;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const gib = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GiB free`;
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    const remedy = 'Set RINGBACK_HOME to a folder that you can write to.';
    return { version: '', state: 'fail', detail: `${folder} is not writable`, remedy };
  }
  if (bavail * bsize >= limits.diskFreeBytesMin) return ok('', `${gib} at ${folder}`);
  const remedy = 'Free some space: a full disk stops nats-server, and with it all calls.';
  return { version: '', state: 'warn', detail: `${gib} at ${folder}`, remedy };
}

/** How to look into the log with the nats command line: as the user that may read and not write. */
export function natsCommands(home: string = homeDir(root)): string[] {
  const server = readRunFile(home)?.natsUrl ?? 'nats://127.0.0.1:4222';
  const secrets = resolve(home, 'secrets.json');
  const password = `$(node -p "require('${secrets}').nats.viewer")`;
  const nats = `nats --server ${server} --user viewer --password "${password}"`;
  return [
    ...(onPath('nats') === undefined ? ['go install github.com/nats-io/natscli/nats@latest'] : []),
    `${nats} sub 'call.>'`,
    `${nats} stream ls`,
    `${nats} stream view EVT_00`,
  ];
}
