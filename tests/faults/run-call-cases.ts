import { launchBrowser } from '../support/browser.ts';
import { RunningPlatform } from '../support/running-platform.ts';
import type { FaultCase } from './cases.ts';
import type { CaseResult } from './main.ts';
import { runCase } from './run-case.ts';

/** The kill matrix of a call with media, in real browsers: a line a case. */
export async function runCallCases(cases: readonly FaultCase[]): Promise<CaseResult[]> {
  if (cases.length === 0) return [];
  const browser = await launchBrowser();
  const results: CaseResult[] = [];
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
        const none = { acked: 0, lost: 0, duplicated: 0, left: 0, mediaBackMs: -1 };
        results.push({ ...chosen, ...none, fault } as CaseResult);
        process.stdout.write(`${name} FAILED: ${fault}\n`);
      } finally {
        await platform.stop();
      }
    }
  } finally {
    await browser.close();
  }
  return results;
}
