// @ts-check
// One line a step, with how it was done and how long it took:
//   nats-server 2.15.2 ............. built from source (go install) 52 s
// In a terminal the line moves while the step runs; elsewhere (CI) a line appears every now and then, so that nobody
// takes a long build for a hang.

/** Width of the title with its dots: the longest title and a few dots. Columns. */
const titleWidth = 34;
const terminalTickMs = 200;
/** CI systems call a job dead after minutes of silence; ten seconds reads well in a log. */
const logTickMs = 10_000;

/**
 * @typedef {{ how: string, notes?: string[] }} Outcome `notes` are printed below the line: what will not work, and what to do
 * @typedef {(detail: string) => void} Say tells what the step is doing right now
 */

/**
 * @param {string} title
 * @param {(say: Say) => Promise<Outcome | string> | Outcome | string} work
 * @param {{ out?: { write(text: string): unknown, isTTY?: boolean, columns?: number } }} [options]
 */
export async function runStep(title, work, { out = process.stdout } = {}) {
  const started = performance.now();
  const dots = `  ${title} `.padEnd(titleWidth, '.');
  let detail = '';
  const line = () => `${dots} ${detail === '' ? '' : `${detail} `}${elapsed(started)}`;
  const ticker = setInterval(
    () => out.write(out.isTTY ? `\r\x1b[K${line().slice(0, (out.columns ?? 80) - 1)}` : `${line()} …\n`),
    out.isTTY ? terminalTickMs : logTickMs,
  );
  const finish = (/** @type {string} */ how) => {
    clearInterval(ticker);
    out.write(`${out.isTTY ? '\r\x1b[K' : ''}${dots} ${how} ${elapsed(started)}\n`);
  };
  try {
    const result = await work((text) => void (detail = text));
    const outcome = typeof result === 'string' ? { how: result } : result;
    finish(outcome.how);
    for (const note of outcome.notes ?? []) out.write(`      ${note}\n`);
  } catch (error) {
    finish('failed');
    throw error;
  }
}

/** @param {number} startedMs */
function elapsed(startedMs) {
  const seconds = (performance.now() - startedMs) / 1000;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
