import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallEvent, TelemetryEvent } from '@ringback/schemas';
import { freePort } from './nats-server.ts';
import { waitFor } from './wait-for.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface RunFile {
  url: string;
  natsUrl: string;
  ports: { edges?: number[]; turn?: number[] };
  processes: Record<string, number>;
}

/** The platform as a user starts it, in a home and on a port of its own. */
export class RunningPlatform {
  readonly home: string;
  readonly #child: ChildProcess;
  readonly #prefix: readonly string[];
  /** Everything it printed. */
  output = '';

  private constructor(home: string, prefix: readonly string[], child: ChildProcess) {
    this.home = home;
    this.#prefix = prefix;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text) => (this.output += String(text)));
  }

  /** @param prefix what to put before its commands, so that they run in another network */
  static async start(
    env: Record<string, string> = {},
    prefix: readonly string[] = [],
  ): Promise<RunningPlatform> {
    const home = mkdtempSync(join(tmpdir(), 'ringback-home-'));
    const [command, ...args] = [...prefix, process.execPath, join(root, 'deploy/local/run.mjs'), 'start'];
    const child = spawn(command!, args, {
      env: { ...process.env, RINGBACK_HOME: home, PORT: String(await freePort()), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const platform = new RunningPlatform(home, prefix, child);
    try {
      await waitFor(
        () => {
          if (child.exitCode !== null) throw new Error('the platform ended');
          return platform.output.includes('Ringback is up');
        },
        'the platform to be up',
        90_000,
      );
    } catch (error) {
      await platform.stop();
      throw new Error(`no platform; it printed:\n${platform.output}`, { cause: error });
    }
    return platform;
  }

  get run(): RunFile {
    return JSON.parse(readFileSync(join(this.home, 'run.json'), 'utf8')) as RunFile;
  }

  get url(): string {
    return this.run.url;
  }

  secret<T>(pick: (secrets: { nats: Record<string, string>; turnSecret: string }) => T): T {
    return pick(JSON.parse(readFileSync(join(this.home, 'secrets.json'), 'utf8')));
  }

  /** kill -9 of one of its processes; waits until another one runs in its place and the platform is ready. */
  async kill(name: string): Promise<void> {
    const pid = this.run.processes[name];
    if (pid === undefined)
      throw new Error(`no process ${name} among ${Object.keys(this.run.processes).join(', ')}`);
    await this.killPid(pid);
    await waitFor(() => ![undefined, pid].includes(this.run.processes[name]), `${name} to come back`);
    await this.untilReady();
  }

  /** kill -9 of a process below it; waits until it is gone. */
  async killPid(pid: number): Promise<void> {
    process.kill(pid, 'SIGKILL');
    await waitFor(() => !isAlive(pid), `process ${pid} to be gone`);
  }

  async untilReady(): Promise<void> {
    await waitFor(
      async () => (await fetch(`${this.url}/readyz`).catch(() => undefined))?.status === 200,
      'the platform to be ready',
      60_000,
    );
  }

  /** Runs the `ringback` command against this platform. */
  async ringback(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const cli = [process.execPath, join(root, 'clients/cli/bin/ringback.mjs')];
    const [command, ...rest] = [...this.#prefix, ...cli, ...args];
    const child = spawn(command!, rest, {
      env: { ...process.env, RINGBACK_HOME: this.home, NO_COLOR: '1' },
      cwd: this.home,
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => (output.stdout += String(text)));
    child.stderr.on('data', (text) => (output.stderr += String(text)));
    const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)));
    return { code, ...output };
  }

  /** A call's facts as the log has them, through the command that people use. */
  async factsOf(callId: string): Promise<CallEvent[]> {
    return (await this.timelineOf(callId)).filter((event): event is CallEvent => 'sequence' in event);
  }

  /** Facts, and what gateways keep beside them: refusals and samples. */
  async timelineOf(callId: string): Promise<(CallEvent | TelemetryEvent)[]> {
    const { code, stdout, stderr } = await this.ringback('timeline', callId, '--json', '--samples');
    if (code !== 0) throw new Error(`ringback timeline: ${stderr}`);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as CallEvent | TelemetryEvent);
  }

  /** Ends it as Ctrl-C does; returns how long that took, in milliseconds. */
  async stop(): Promise<number> {
    const started = performance.now();
    if (this.#child.exitCode === null) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGINT');
      await gone;
    }
    rmSync(this.home, { recursive: true, force: true });
    return performance.now() - started;
  }
}

/** A killed process whose parent has not looked yet is as good as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
