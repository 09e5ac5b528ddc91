// RINGBACK_HOME: everything that one running platform keeps. Only its owner may look inside: it holds secrets and calls.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '../bootstrap/folder.mjs';
import { codeOf, SetupError } from '../bootstrap/remedies.mjs';

export interface Tenant {
  id: string;
  apiKey: string;
  apiSecret: string;
}

export const natsUsers = ['calls', 'edge', 'media', 'views', 'viewer', 'admin'] as const;
export type NatsUser = (typeof natsUsers)[number];

export interface Secrets {
  /** Password of each nats-server user. */
  nats: Record<NatsUser, string>;
  /** Shared with coturn; signs the time-limited credentials that clients get. */
  turnSecret: string;
  tenants: Tenant[];
}

/** What is running, for the command line and a second start. */
export interface RunFile {
  pid: number;
  url: string;
  startedAt: string;
  natsUrl: string;
  /** Undefined where the part is not run by us. `edges`: on loopback each gateway's own, where several share `edge`. */
  ports: { edge: number; edges?: number[]; nats?: number; natsMonitoring?: number; turn?: number[] };
  /** Process ids by name; a process that came back has its new one. */
  processes: Record<string, number>;
}

export function homeDir(root: string): string {
  return resolve(root, process.env.RINGBACK_HOME || '.ringback');
}

/** @throws SetupError where there can be no such folder, or nothing can be written in it. */
export function makeHome(home: string): void {
  try {
    makeFolder(join(home, 'logs'));
    chmodSync(home, 0o700);
  } catch (error) {
    throw new SetupError(
      `The data folder ${home} can not be used (${codeOf(error) ?? String(error)}).`,
      'Set RINGBACK_HOME to a folder that you can write to, or make room for it there.',
      { cause: error },
    );
  }
}

/** @throws SetupError where the file of them is there and is not what we write. */
export function loadOrMakeSecrets(home: string): Secrets {
  const path = join(home, 'secrets.json');
  const password = () => randomBytes(24).toString('base64url');
  if (existsSync(path)) {
    const kept = readSecrets(path);
    // Made by a version that had fewer users.
    const missing = natsUsers.filter((user) => kept.nats[user] === undefined);
    if (missing.length === 0) return kept;
    for (const user of missing) kept.nats[user] = password();
    writePrivate(path, JSON.stringify(kept, null, 2));
    return kept;
  }
  const secrets: Secrets = {
    nats: Object.fromEntries(natsUsers.map((user) => [user, password()])) as Secrets['nats'],
    turnSecret: password(),
    tenants: [
      {
        id: 'default',
        apiKey: `rbk_${randomBytes(9).toString('base64url')}`,
        apiSecret: randomBytes(32).toString('base64url'),
      },
    ],
  };
  writePrivate(path, JSON.stringify(secrets, null, 2));
  return secrets;
}

function readSecrets(path: string): Secrets {
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Secrets;
    const { nats, turnSecret, tenants } = kept;
    if (Object.keys(nats).length > 0 && turnSecret.length > 0 && tenants.length > 0) return kept;
  } catch (error) {
    // Not readable is another matter: its code says what.
    if (codeOf(error) !== undefined) throw error;
  }
  throw new SetupError(
    `${path} is damaged: its JSON is not whole, or nats, turnSecret or tenants are missing.`,
    'Put it back from a backup. Or remove it: calls stay, and there are new API keys, which your own servers have to be told.',
  );
}

export function writeRunFile(home: string, run: RunFile): void {
  writePrivate(join(home, 'run.json'), JSON.stringify(run, null, 2));
}

export function readRunFile(home: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as RunFile;
  } catch {
    return undefined; // nothing is running here
  }
}

export function removeRunFile(home: string): void {
  rmSync(join(home, 'run.json'), { force: true });
}

/** Whole or not at all, and never readable by others, not even for a moment. */
export function writePrivate(path: string, text: string): void {
  // Flushed first: a power loss must not leave the name without what belongs to it.
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}
