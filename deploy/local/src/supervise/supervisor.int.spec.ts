// A platform of stand-ins: what starts when, and how it all ends.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { makeHome, readRunFile } from '../home.ts';
import { healthOf, type Platform } from '../platform.ts';
import { freePort } from '../ports.ts';
import type { ChildSpec } from './child.ts';
import { Supervisor } from './supervisor.ts';

const base = mkdtempSync(join(tmpdir(), 'ringback-supervisor-'));
afterAll(() => rmSync(base, { recursive: true }));

const onTerm = (name: string) =>
  `process.on('SIGTERM', () => { console.log('${name} ends', Date.now()); process.exit(0); });`;
const stubborn = `process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000);`;
const serving = (port: number, path: string) =>
  `require('http').createServer((q, r) => { r.writeHead(q.url === '${path}' ? 200 : 404); r.end(); }).listen(${port}, '127.0.0.1');`;

async function standIns(
  name: string,
  others: (edge: number, second: number) => Record<string, string>,
  { gateways = 1 } = {},
) {
  const home = join(base, name);
  makeHome(home);
  const edge = await freePort(28_080, '127.0.0.1');
  const second = await freePort(edge + 1, '127.0.0.1');
  const natsMonitoring = await freePort(28_222, '127.0.0.1');
  const child = (part: string, code: string): ChildSpec => ({
    name: part,
    command: process.execPath,
    args: ['-e', code],
    env: process.env,
    logPath: join(home, 'logs', `${part}.log`),
  });
  const platform: Platform = {
    url: `http://localhost:${edge}`,
    natsUrl: 'nats://127.0.0.1:1',
    ports: { edge, ...(gateways === 2 && { edges: [edge, second] }), natsMonitoring },
    bus: child('bus', serving(natsMonitoring, '/healthz') + onTerm('bus')),
    others: Object.entries(others(edge, second)).map(([part, code]) => child(part, code)),
    media: undefined,
  };
  const said: string[] = [];
  const supervisor = new Supervisor(home, platform, (line) => said.push(line));
  const log = (part: string) => readFileSync(join(home, 'logs', `${part}.log`), 'utf8');
  return { home, platform, supervisor, said, log, child };
}

describe('the supervisor', () => {
  it('starts the bus first, tells when all is ready, ends the bus last and leaves nothing', async () => {
    const { home, platform, supervisor, said, log } = await standIns('orderly', (edge) => ({
      edge: serving(edge, '/readyz') + onTerm('edge'),
      worker: `${onTerm('worker')} setInterval(() => {}, 1000);`,
    }));
    const over = supervisor.run();
    expect(await supervisor.ready()).toBe(true);
    const run = readRunFile(home);
    expect(run).toMatchObject({ pid: process.pid, url: platform.url, ports: platform.ports });
    expect(Object.keys(run?.processes ?? {}).sort()).toEqual(['bus', 'edge', 'worker']);
    supervisor.stop();
    expect(await over).toBe(0);
    expect(Number(log('bus').split(' ')[2])).toBeGreaterThanOrEqual(Number(log('edge').split(' ')[2]));
    expect(existsSync(join(home, 'run.json'))).toBe(false);
    expect(said).toEqual(['\nStopping …', 'Stopped.']);
  });

  it('ends within five seconds whatever a child does', async () => {
    const { supervisor } = await standIns('stubborn', (edge) => ({
      edge: serving(edge, '/readyz') + stubborn,
    }));
    const over = supervisor.run();
    expect(await supervisor.ready()).toBe(true);
    const started = performance.now();
    supervisor.stop();
    await over;
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('asked a second time, ends at once; the same press forwarded by npm is not a second time', async () => {
    const { supervisor } = await standIns('impatient', (edge) => ({
      edge: serving(edge, '/readyz') + stubborn,
    }));
    const over = supervisor.run();
    expect(await supervisor.ready()).toBe(true);
    const started = performance.now();
    supervisor.stop();
    supervisor.stop();
    await new Promise((resolve) => setTimeout(resolve, 600));
    supervisor.stop();
    await over;
    const took = performance.now() - started;
    expect(took).toBeGreaterThan(600);
    expect(took).toBeLessThan(2_000);
  });

  it('runs one more that comes later, and ends it with the others', async () => {
    const { home, supervisor, said, log, child } = await standIns('late', (edge) => ({
      edge: serving(edge, '/readyz') + onTerm('edge'),
    }));
    const over = supervisor.run();
    expect(await supervisor.ready()).toBe(true);
    supervisor.add(child('late', `${onTerm('late')};console.log('here');setInterval(() => {}, 1000);`));
    expect(readRunFile(home)?.processes.late).toBeGreaterThan(0);
    while (!log('late').includes('here')) await new Promise((resolve) => setTimeout(resolve, 10));
    supervisor.stop();
    expect(await over).toBe(0);
    expect(log('late')).toContain('late ends');
    expect(said.at(-1)).toBe('Stopped.');
  });

  it('is ready when each of several gateways is', async () => {
    const late = (port: number) =>
      `process.on('SIGUSR2', () => { ${serving(port, '/readyz')} }); console.log('waits'); setInterval(() => {}, 1000);`;
    const { home, platform, supervisor, log } = await standIns(
      'several',
      (edge, second) => ({ edge: serving(edge, '/readyz'), 'edge 2': late(second) }),
      { gateways: 2 },
    );
    const over = supervisor.run();
    let ready = false;
    const readiness = supervisor.ready().then((is) => (ready = is));
    const first = `http://127.0.0.1:${platform.ports.edge}/readyz`;
    await vi.waitFor(async () => expect(await healthOf(first)).toBe(true), { timeout: 5_000 });
    await vi.waitFor(() => expect(log('edge 2')).toContain('waits'), { timeout: 5_000 });
    expect(ready).toBe(false);
    process.kill(readRunFile(home)!.processes['edge 2']!, 'SIGUSR2');
    expect(await readiness).toBe(true);
    supervisor.stop();
    await over;
  });

  it('can be stopped before it was ready', async () => {
    const { supervisor } = await standIns('hasty', () => ({ edge: 'setInterval(() => {}, 1000);' }));
    const over = supervisor.run();
    supervisor.stop();
    expect(await supervisor.ready()).toBe(false);
    expect(await over).toBe(0);
  });
});
