import { parseArgs } from 'node:util';
import type { Comparison } from '../support/steady-bot.ts';
import { chooseCases } from './cases.ts';
import { chooseLogCases } from './log/log-cases.ts';
import { runCallCases } from './run-call-cases.ts';
import { runLogCases } from './run-log-cases.ts';

/** What every case says of itself, whatever group it is of. */
export interface CaseResult extends Comparison {
  readonly fault?: string;
  /** Why it could not be done here. */
  readonly skipped?: string;
  /** Who was counted out of a call though they never left. */
  readonly left?: number;
}

/** `npm run faults`: prints a line a case, then the whole. @returns the exit code */
export async function faults(args: readonly string[]): Promise<number> {
  const options = { only: { type: 'string' }, json: { type: 'boolean' } } as const;
  const { only, json } = parseArgs({ args: [...args], options }).values;
  const calls = chooseCases(only);
  const logs = chooseLogCases(only);
  if (calls.length + logs.length === 0) {
    process.stderr.write(`No case is called ${only}. See tests/faults/README.md for those that are.\n`);
    return 2;
  }
  const results: CaseResult[] = [...(await runLogCases(logs)), ...(await runCallCases(calls))];
  const sum = (of: keyof Comparison) => results.reduce((total, r) => total + r[of], 0);
  const total = { acked: sum('acked'), lost: sum('lost'), duplicated: sum('duplicated'), cases: results };
  const skipped = results.filter((r) => r.skipped !== undefined);
  const bad = results.filter((r) => r.fault !== undefined || r.lost + r.duplicated + (r.left ?? 0) > 0);
  process.stdout.write(
    `${results.length - bad.length - skipped.length} of ${results.length} cases are green` +
      (skipped.length === 0 ? '' : `, ${skipped.length} could not be done here`) +
      `: ${total.acked} acknowledged, ${total.lost} lost, ${total.duplicated} doubled\n`,
  );
  if (json === true) process.stdout.write(`${JSON.stringify(total)}\n`);
  return bad.length === 0 ? 0 : 1;
}
