// With real processes that misbehave in the ways that matter.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { SupervisedChild, type ChildSpec } from './child.ts';
import { endLeftOver } from './left-over.ts';
import { LogFile } from './log-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringback-child-'));
afterAll(() => rmSync(folder, { recursive: true }));
const quick = { backOffMsMin: 10, backOffMsMax: 40, healthyAfterMs: 60_000, standByAfterMs: 10 };
const forEver = 'setInterval(() => {}, 1000);';

function supervise(name: string, code: string, more: Partial<ChildSpec> = {}) {
  const lines: string[] = [];
  const pids: number[] = [];
  const spec = {
    name,
    command: process.execPath,
    args: ['-e', code],
    env: process.env,
    logPath: join(folder, `${name}.log`),
    ...more,
  };
  const events = {
    say: (line: string) => lines.push(line),
    onStart: (_: string, pid: number) => pids.push(pid),
  };
  return { child: new SupervisedChild(spec, events, quick), lines, pids, log: spec.logPath };
}

const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe('a supervised process', () => {
  it('comes back after SIGKILL with one clear line', async () => {
    const { child, lines, pids } = supervise('worker', forEver);
    await vi.waitFor(() => expect(pids).toHaveLength(1));
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(pids).toHaveLength(2), { timeout: 5_000 });
    expect(lines).toEqual(['worker exited with SIGKILL, back in 0.01 s']);
    await child.stop();
  });

  it('waits longer each time, and its last lines are shown when it keeps failing', async () => {
    const { child, lines, log } = supervise('broken', 'console.error("no database"); process.exit(3)');
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(4), { timeout: 10_000 });
    await child.stop();
    expect(lines.slice(0, 5)).toEqual([
      'broken exited with status 3, back in 0.01 s',
      'broken exited with status 3, back in 0.02 s',
      'broken exited with status 3, back in 0.04 s',
      `broken keeps failing. Its last lines (all of them: ${log}):`,
      '    no database',
    ]);
    expect(readFileSync(log, 'utf8')).toContain('no database\n');
  });

  it('that is not there is tried again as well', async () => {
    const lines: string[] = [];
    const child = new SupervisedChild(
      {
        name: 'missing',
        command: join(folder, 'nothing'),
        args: [],
        env: {},
        logPath: join(folder, 'missing.log'),
      },
      { say: (line) => lines.push(line), onStart: () => {} },
      quick,
    );
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(1), { timeout: 5_000 });
    await child.stop();
  });

  it('ends gracefully, and does not come back', async () => {
    const { child, lines, pids, log } = supervise(
      'graceful',
      `process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); console.log('up'); ${forEver}`,
    );
    await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toBe('up\n'), { timeout: 5_000 });
    await child.stop();
    expect(readFileSync(log, 'utf8')).toBe('up\nbye\n');
    expect([lines, pids.map(isGone)]).toEqual([[], [true]]);
  });

  it('that ignores SIGTERM is killed when its time is up', async () => {
    const { child, pids, log } = supervise(
      'stubborn',
      `process.on('SIGTERM', () => {}); console.log('up'); ${forEver}`,
    );
    await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toBe('up\n'), { timeout: 5_000 });
    const started = performance.now();
    await child.stop(200);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(pids.map(isGone)).toEqual([true]);
  });

  it('of ours ends itself when its supervisor is killed', async () => {
    const helper = join(import.meta.dirname, '../../../../core/runtime/src/exit-with-parent.ts');
    const childCode = `import { exitWithParent } from ${JSON.stringify(helper)}; exitWithParent(); ${forEver}`;
    const module = join(import.meta.dirname, 'child.ts');
    const supervisor = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { SupervisedChild } from ${JSON.stringify(module)};
         new SupervisedChild({ name: 'ours', command: process.execPath, env: process.env,
           args: ['--input-type=module', '-e', ${JSON.stringify(childCode)}], logPath: ${JSON.stringify(join(folder, 'ours.log'))} },
           { say: console.log, onStart: (name, pid) => console.log(pid) });`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const pid = await new Promise<number>((resolve) =>
      supervisor.stdout.once('data', (text: Buffer) => resolve(Number(text))),
    );
    expect(isGone(pid)).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 500)); // it has to have come as far as watching
    supervisor.kill('SIGKILL');
    await vi.waitFor(() => expect(stateOf(pid)).toMatch(/gone|Z/), { timeout: 5_000 });
  });
});

describe('a process that stands by', () => {
  const helper = join(import.meta.dirname, '../../../../core/runtime/src/exit-with-parent.ts');
  const code = `import { exitWithParent, untilNeeded } from ${JSON.stringify(helper)};
    exitWithParent();
    const needed = untilNeeded();
    console.log('loaded', process.pid);
    await needed;
    console.log('serving', process.pid);
    ${forEver}`;
  const start = (name: string) => {
    const args = ['--input-type=module', '-e', code];
    const on = supervise(name, '', { args, standBy: true });
    const logged = () => readFileSync(on.log, 'utf8').trim().split('\n');
    const pidsThat = (what: string) =>
      logged().flatMap((line) => (line.startsWith(`${what} `) ? [Number(line.split(' ')[1])] : []));
    /** Settles with who stands by when so many were loaded. */
    const standBy = (loaded: number) =>
      vi.waitFor(
        () => {
          expect(pidsThat('loaded')).toHaveLength(loaded);
          return pidsThat('loaded').find((pid) => !pidsThat('serving').includes(pid))!;
        },
        { timeout: 10_000 },
      );
    return { ...on, pidsThat, standBy };
  };

  it('takes the place of the one that died, and another one stands by', async () => {
    const { child, lines, pids, pidsThat, standBy } = start('relay');
    const second = await standBy(2);
    expect(pidsThat('serving')).toEqual(pids);
    process.kill(pids[0]!, 'SIGKILL');
    const third = await standBy(3);
    expect(lines).toEqual(['relay exited with SIGKILL, the one that stood by takes its place']);
    await vi.waitFor(() => expect(pidsThat('serving')).toEqual([pids[0], second]));
    expect(pids[1]).toBe(second);
    await child.stop();
    expect([second, third].map(isGone)).toEqual([true, true]);
  });

  it('is replaced when it dies itself, and the one that serves goes on', async () => {
    const { child, lines, pids, standBy } = start('spare');
    process.kill(await standBy(2), 'SIGKILL');
    await standBy(3);
    expect(lines).toEqual(['spare, standing by, exited with SIGKILL, back in 0.01 s']);
    expect(pids.map(isGone)).toEqual([false]);
    await child.stop();
  });

  it('does not serve what has changed: a restart begins anew', async () => {
    const { child, pids, pidsThat, standBy } = start('changed');
    const old = await standBy(2);
    child.restart();
    await standBy(4);
    expect(pids).toHaveLength(2);
    expect(pidsThat('serving')).toEqual(pids);
    expect(isGone(old)).toBe(true);
    await child.stop();
  });
});

describe('what a killed supervisor left behind', () => {
  it('is ended when it is ours', async () => {
    const pidFile = join(folder, 'left.pid');
    const left = spawn(process.execPath, ['-e', forEver, '--', 'our.conf']);
    writeFileSync(pidFile, `${left.pid}\n`);
    const gone = new Promise((resolve) => left.once('exit', resolve));
    await vi.waitFor(() => expect(stateOf(left.pid ?? 0)).not.toBe('gone'));
    expect(await endLeftOver(pidFile, 'our.conf')).toBe(true);
    await gone;
  });

  it('is left alone when the process id belongs to somebody else by now', async () => {
    const pidFile = join(folder, 'other.pid');
    const other = spawn(process.execPath, ['-e', forEver]);
    writeFileSync(pidFile, String(other.pid));
    expect(await endLeftOver(pidFile, 'our.conf')).toBe(false);
    expect(isGone(other.pid ?? 0)).toBe(false);
    other.kill('SIGKILL');
  });

  it('may be nothing', async () => {
    expect(await endLeftOver(join(folder, 'no.pid'), 'our.conf')).toBe(false);
  });
});

describe('a log file', () => {
  it('is rotated beyond its bound, and one old file is kept', () => {
    const log = new LogFile(join(folder, 'rotated.log'), 100);
    for (let i = 0; i < 10; i++) log.write(Buffer.from(`line ${i} ${'x'.repeat(30)}\n`));
    log.close();
    const [current, old] = ['rotated.log', 'rotated.log.1'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    );
    expect(current).toMatch(/^line 8 x+\nline 9 x+\n$/);
    expect(old).toMatch(/^line 6 x+\nline 7 x+\n$/);
    expect(log.lastLines().at(-1)).toMatch(/^line 9/);
  });
});

/** Where process 1 does not collect the dead (some containers), a process that ended stays as a zombie. */
function stateOf(pid: number): string {
  if (isGone(pid)) return 'gone';
  if (process.platform !== 'linux') return 'there';
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? 'gone';
}
