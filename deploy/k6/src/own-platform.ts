import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from '../../local/bootstrap/remedies.mjs';
import { loadOrMakeSecrets, readRunFile } from '../../local/src/home.ts';
import { freePort } from '../../local/src/ports.ts';
import { limits } from './limits.ts';

/** Beside the usual one, which may run here as well. */
const firstPort = 18_080;

/** What a load needs to know of a platform. */
export interface Target {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** The whole platform as `npm start` runs it, in a home that is removed afterwards. */
export class OwnPlatform {
  readonly target: Target;
  readonly #home: string;
  readonly #child: ChildProcess;

  private constructor(target: Target, home: string, child: ChildProcess) {
    this.target = target;
    this.#home = home;
    this.#child = child;
  }

  /** @throws SetupError where it does not come up, with its last words. */
  static async start(root: string): Promise<OwnPlatform> {
    const home = mkdtempSync(join(tmpdir(), 'ringback-load-'));
    const printed = join(home, 'printed.log');
    const out = openSync(printed, 'a');
    const port = await freePort(firstPort, '127.0.0.1');
    const child = spawn(process.execPath, [join(root, 'deploy/local/run.mjs'), 'start'], {
      env: { ...process.env, RINGBACK_HOME: home, PORT: String(port) },
      stdio: ['ignore', out, out, 'ipc'],
    });
    // However this process ends: the channel closes, and the platform with it.
    process.once('exit', () => rmSync(home, { recursive: true, force: true }));
    try {
      const url = await untilReady(child, home);
      const { apiKey, apiSecret } = loadOrMakeSecrets(home).tenants[0]!;
      const target = { url, apiKey, apiSecret };
      await untilLists(target);
      return new OwnPlatform(target, home, child);
    } catch (error) {
      const words = readFileSync(printed, 'utf8').slice(-2_000);
      await end(child);
      throw new SetupError(`The platform did not come up: ${String(error)}\n${words}`, 'Try npm start.', {
        cause: error,
      });
    }
  }

  async stop(): Promise<void> {
    await end(this.#child);
    rmSync(this.#home, { recursive: true, force: true });
  }
}

async function untilReady(child: ChildProcess, home: string): Promise<string> {
  return until('be ready', async () => {
    if (child.exitCode !== null) throw new Error('it ended');
    const url = readRunFile(home)?.url;
    if (url === undefined) return undefined;
    return (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true ? url : undefined;
  });
}

/** Lists are there some seconds after calls are: the database starts last. */
async function untilLists({ url }: Target): Promise<void> {
  const guest = await fetch(`${url}/v1/guests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ displayName: 'Load' }),
  });
  const { token } = (await guest.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  await until('list calls', async () => (await fetch(`${url}/v1/calls`, { headers })).ok || undefined);
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const ends = performance.now() + limits.platformMs; performance.now() < ends;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, limits.lookMs));
  }
  throw new Error(`it does not ${what} after ${limits.platformMs / 1_000} s`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  await gone;
}
