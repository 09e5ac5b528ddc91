// @ts-check
// Running other programs during the set-up: line by line, and never left behind.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SetupError } from './remedies.mjs';

/** Lines of a failed program's output that are shown: enough for a compiler's first complaint. */
const tailLines = 25;

/** @type {Set<number>} process groups that end with us */
const running = new Set();
process.on('exit', () => running.forEach((pid) => endGroup(pid)));

/**
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, timeoutMs?: number }} Options
 * @typedef {{ ok: boolean, status: string, stdout: string, tail: string }} Result `tail`: the last lines of both outputs
 */

/**
 * Runs to the end; a program that fails is a result, a program that is not there is an error.
 * @param {string} command @param {string[]} args @param {Options} [options]
 * @returns {Promise<Result>}
 */
export function run(command, args, { cwd, env = process.env, onLine, timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    // A group of its own: ending it ends the compilers that it started as well.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined) running.add(child.pid);
    const timer = setTimeout(() => child.pid !== undefined && endGroup(child.pid), timeoutMs ?? 2 ** 31 - 1);
    /** @type {string[]} */
    const out = [];
    /** @type {string[]} */
    const tail = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (stream === child.stdout) out.push(line);
        tail.push(line);
        if (tail.length > tailLines) tail.shift();
        onLine?.(line);
      });
    }
    const over = () => {
      clearTimeout(timer);
      if (child.pid !== undefined) running.delete(child.pid);
    };
    child.on('error', (error) => {
      over();
      reject(error);
    });
    child.on('close', (code, signal) => {
      over();
      const status = signal === null ? `exit status ${code}` : signal;
      resolve({ ok: code === 0, status, stdout: out.join('\n'), tail: tail.join('\n') });
    });
  });
}

/**
 * The same, where failing means that the step failed.
 * @param {string} command @param {string[]} args @param {Options & { remedy: string }} options
 */
export async function runOrFail(command, args, { remedy, ...options }) {
  const result = await run(command, args, options);
  if (result.ok) return result;
  throw new SetupError(
    `${command} ${args.join(' ')} failed (${result.status}):\n${indent(result.tail)}`,
    remedy,
  );
}

/** @param {string} text */
export function indent(text) {
  return text.replace(/^/gm, '    ');
}

/** @param {number} pid */
function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // already gone
  }
}
