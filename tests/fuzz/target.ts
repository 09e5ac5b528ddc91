import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { tokenAudience, type Tenant } from '@ringback/edge';
import { freePort, NatsServer } from '../support/nats-server.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Faults } from './faults.ts';
import type { Memory } from './memory-probe.ts';

const probe = new URL('./memory-probe.ts', import.meta.url).href;
const mainOf = (part: string) => fileURLToPath(new URL(`../../${part}/src/main.ts`, import.meta.url));

export const tenants = [
  { id: 'default', apiKey: 'rbk_default', apiSecret: 'default-secret-of-32-characters-and-more' },
  { id: 'other', apiKey: 'rbk_other', apiSecret: 'other-secret-of-32-characters-and-more--' },
] as const satisfies readonly Tenant[];
export type TenantName = (typeof tenants)[number]['id'];

/** What is fuzzed: nats-server, a calls worker and an edge, each the process that a user runs. */
export class Target {
  readonly url: string;
  readonly partitions = 2;
  readonly #nats: NatsServer;
  readonly #metricsUrl: string;
  /** How often each sentence was logged. */
  readonly #lines = new Map<string, number>();
  readonly #processes: Record<'edge' | 'calls', ChildProcess>;
  #stopping = false;

  private constructor(url: string, metricsPort: number, nats: NatsServer, faults: Faults) {
    this.url = url;
    this.#metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
    this.#nats = nats;
    const common = {
      ...process.env,
      RINGBACK_SUPERVISED: '1',
      RINGBACK_NATS_URL: nats.url,
      RINGBACK_NATS_PASSWORD: 'any',
      RINGBACK_PARTITIONS: String(this.partitions),
      RINGBACK_LOG_LEVEL: 'warn',
    };
    const run = (name: string, part: string, env: Record<string, string>) => {
      // An unhandled rejection ends a Node process, so it is seen as an end.
      const child = spawn(process.execPath, ['--expose-gc', '--import', probe, mainOf(part)], {
        env: { ...common, ...env },
        stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      });
      let said = '';
      const hear = (text: unknown) => {
        said = `${said}${String(text)}`.slice(-4_000);
        for (const [, sentence = ''] of String(text).matchAll(/"msg":"([^"]*)"/g))
          this.#lines.set(sentence, (this.#lines.get(sentence) ?? 0) + 1);
        for (const line of String(text).split('\n'))
          if (/"level":[56]0/.test(line)) faults.add(name, `logged an error: ${line.slice(0, 600)}`);
      };
      child.stdout!.on('data', hear);
      child.stderr!.on('data', hear);
      child.once('exit', (code, signal) => {
        if (!this.#stopping) faults.add(name, `ended (${code ?? signal}); it said last:\n${said}`);
      });
      return child;
    };
    this.#processes = {
      calls: run('calls worker', 'workers/calls', {
        RINGBACK_TAP: 'off',
        RINGBACK_WORKER_ID: 'calls-1',
        METRICS_PORT: String(metricsPort),
      }),
      edge: run('edge', 'gateways/edge', {
        PORT: new URL(url).port,
        RINGBACK_HOST: '127.0.0.1',
        RINGBACK_TENANTS: JSON.stringify(tenants),
        RINGBACK_WEB_DIST: '/nowhere',
      }),
    };
  }

  static async start(faults: Faults): Promise<Target> {
    const nats = await NatsServer.start();
    const target = new Target(`http://127.0.0.1:${await freePort()}`, await freePort(), nats, faults);
    try {
      await waitFor(
        async () => {
          if (faults.count > 0) throw new Error(faults.told.join('\n'));
          return (await fetch(`${target.url}/readyz`).catch(() => undefined))?.ok;
        },
        'the platform to be ready',
        60_000,
      );
    } catch (error) {
      await target.stop();
      throw error;
    }
    return target;
  }

  get natsUrl(): string {
    return this.#nats.url;
  }

  /** As Prometheus reads them. */
  async metrics(of: 'edge' | 'calls'): Promise<string> {
    return (await fetch(of === 'edge' ? `${this.url}/metrics` : this.#metricsUrl)).text();
  }

  /** How many lines like this were logged by all of it. */
  linesLike(sentence: RegExp): number {
    return [...this.#lines].reduce((sum, [line, count]) => sum + (sentence.test(line) ? count : 0), 0);
  }

  /** After a full collection. */
  async memory(): Promise<Record<'edge' | 'calls', Memory>> {
    const ask = (child: ChildProcess) =>
      new Promise<Memory>((resolve, reject) => {
        child.once('message', (memory) => resolve(memory as Memory));
        child.send('measure', (error) => error && reject(error));
      });
    const [edge, calls] = await Promise.all([ask(this.#processes.edge), ask(this.#processes.calls)]);
    return { edge, calls };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(
      Object.values(this.#processes).map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await gone;
      }),
    );
    await this.#nats.stop();
  }
}

/** A token with these claims over those of a good one; `undefined` leaves a claim out. */
export function tokenOf(tenant: TenantName, claims: Record<string, unknown>): string {
  const { apiKey, apiSecret } = tenants.find(({ id }) => id === tenant)!;
  const now = Math.floor(Date.now() / 1_000);
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const payload = { iss: apiKey, aud: tokenAudience, exp: now + 3_600, ...claims };
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
  return `${signed}.${createHmac('sha256', apiSecret).update(signed).digest('base64url')}`;
}
