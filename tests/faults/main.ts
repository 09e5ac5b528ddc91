import { parseArgs } from 'node:util';
import { launchBrowser } from '../support/browser.ts';
import { RunningPlatform } from '../support/running-platform.ts';
import { chooseCases } from './cases.ts';
import { runCase, type FaultResult } from './run-case.ts';

/** `npm run faults`: prints a line a case, then the whole. @returns the exit code */
export async function faults(args: readonly string[]): Promise<number> {
  const options = { only: { type: 'string' }, json: { type: 'boolean' } } as const;
  const { only, json } = parseArgs({ args: [...args], options }).values;
  const cases = chooseCases(only);
  if (cases.length === 0) {
    process.stderr.write(`No case is called ${only}. See tests/faults/cases.ts for those that are.\n`);
    return 2;
  }
  const browser = await launchBrowser();
  const results: (FaultResult & { fault?: string })[] = [];
  try {
    for (const chosen of cases) {
      // A platform of its own for each: after several deaths the supervisor lets a process wait.
      const platform = await RunningPlatform.start();
      const name = `${chosen.kind}, ${chosen.moment}`.padEnd(30, ' ');
      try {
        const result = await runCase(platform, browser, chosen);
        results.push(result);
        const { acked, lost, duplicated, left, mediaBackMs } = result;
        const kept = `${acked} acknowledged, ${lost} lost, ${duplicated} doubled, ${left} counted out`;
        process.stdout.write(`${name} somebody missing for ${String(mediaBackMs).padStart(6)} ms; ${kept}\n`);
      } catch (error) {
        const fault = String(error);
        results.push({ ...chosen, acked: 0, lost: 0, duplicated: 0, left: 0, mediaBackMs: -1, fault });
        process.stdout.write(`${name} FAILED: ${fault}\n`);
      } finally {
        await platform.stop();
      }
    }
  } finally {
    await browser.close();
  }
  const sum = (of: 'acked' | 'lost' | 'duplicated') => results.reduce((total, r) => total + r[of], 0);
  const total = { acked: sum('acked'), lost: sum('lost'), duplicated: sum('duplicated'), cases: results };
  const bad = results.filter((r) => r.fault !== undefined || r.lost + r.duplicated + r.left > 0);
  process.stdout.write(`${results.length - bad.length} of ${results.length} cases are green\n`);
  if (json === true) process.stdout.write(`${JSON.stringify(total)}\n`);
  return bad.length === 0 ? 0 : 1;
}
