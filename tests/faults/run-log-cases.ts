import type { LogCase } from './log/log-cases.ts';
import { runLogCase, type LogFaultResult } from './log/run-log-case.ts';

/** Acknowledgements of one case, so that all of them together are more than 100,000. */
const acksMin = 8_000;

/** The log under load, R1 and R3, without browsers: a line a case. */
export async function runLogCases(cases: readonly LogCase[]): Promise<LogFaultResult[]> {
  const results: LogFaultResult[] = [];
  for (const one of cases) {
    const result = await runLogCase(one, acksMin);
    results.push(result);
    process.stdout.write(`${one.name.padEnd(30, ' ')} ${lineOf(result)}\n`);
  }
  return results;
}

function lineOf(result: LogFaultResult): string {
  const { acked, lost, duplicated, refused, slowestMs, note, skipped, fault } = result;
  if (skipped !== undefined) return `skipped: ${skipped}`;
  if (fault !== undefined && acked === 0) return `FAILED: ${fault}`;
  const codes = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
  const answers = codes.length === 0 ? '0 refused' : `${codes.join(', ')} and said again`;
  const said = [
    `slowest ${String(slowestMs).padStart(6)} ms`,
    `${acked} acknowledged, ${lost} lost, ${duplicated} doubled, ${answers}`,
    ...(note === undefined || note === '' ? [] : [note]),
    ...(fault === undefined ? [] : [`FAILED: ${fault}`]),
  ];
  return said.join('; ');
}
