import { parseArgs } from 'node:util';
import { catchPlants } from './canaries.ts';
import { limits } from './limits.ts';
import { simulate, type Result } from './simulate.ts';

const usage = `usage: npm run sim [-- --seeds N | --seed S] [--json]
--seeds N  seeds 1 to N, then the planted bugs; default 100
--seed S   one seed, with the end of its diary
--json     the last line is one JSON object
`;

/** `npm run sim`. @returns the exit code: 2 where it was not asked for anything that there is. */
export async function sim(args: readonly string[]): Promise<number> {
  const asked = parse(args);
  if (asked === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  return asked.seed === undefined ? many(asked.seeds, asked.json) : one(asked.seed, asked.json);
}

async function one(seed: number, json: boolean): Promise<number> {
  const result = await simulate(seed);
  show(result);
  process.stdout.write(`diary ${result.hash}\n`);
  const failed = result.failure === undefined ? [] : [seed];
  if (json)
    process.stdout.write(`${JSON.stringify({ seeds: 1, failed, hash: result.hash, ...result.figures })}\n`);
  return failed.length;
}

async function many(seeds: number, json: boolean): Promise<number> {
  const started = performance.now();
  const failed: number[] = [];
  const sum = { seconds: 0, steps: 0, events: 0, acked: 0, delivered: 0, claims: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const result = await simulate(seed);
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += result.figures[key];
    if (result.failure === undefined) continue;
    failed.push(seed);
    show(result);
  }
  const tookS = (performance.now() - started) / 1_000;
  process.stdout.write(
    `${seeds} seeds in ${tookS.toFixed(1)} s (${(seeds / tookS).toFixed(1)}/s): ${sum.seconds} simulated seconds, ` +
      `${sum.steps} steps, ${sum.claims} claims, ${sum.events} events, ${sum.acked} acknowledged, ` +
      `${sum.delivered} shown; ${failed.length} failed\n`,
  );
  const canaries = await catchPlants();
  for (const { name, seed, failure } of canaries)
    process.stdout.write(
      `canary ${name}: ${seed === undefined ? 'NOT FOUND' : `seed ${seed}: ${firstLine(failure)}`}\n`,
    );
  const canaryCaught = canaries.every(({ seed }) => seed !== undefined);
  if (json) process.stdout.write(`${JSON.stringify({ seeds, failed, canaryCaught })}\n`);
  return failed.length === 0 && canaryCaught ? 0 : 1;
}

function show({ seed, failure, lines, figures }: Result): void {
  const what = failure === undefined ? 'well' : `FAILED: ${failure}`;
  const diary = lines.slice(-limits.linesShown).join('\n');
  process.stdout.write(`${diary}\nseed ${seed}: ${what}\n${JSON.stringify(figures)}\n`);
  if (failure !== undefined) process.stdout.write(`again: npm run sim -- --seed ${seed}\n\n`);
}

function firstLine(text: string | undefined): string {
  return text?.split('\n')[0] ?? '';
}

function parse(
  args: readonly string[],
): { seed: number | undefined; seeds: number; json: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string', default: '100' },
        json: { type: 'boolean', default: false },
      },
    });
    const [seed, seeds] = [Number(values.seed ?? 0), Number(values.seeds)];
    if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(seeds) || seeds < 1) return undefined;
    return { seed: values.seed === undefined ? undefined : seed, seeds, json: values.json };
  } catch {
    return undefined;
  }
}
