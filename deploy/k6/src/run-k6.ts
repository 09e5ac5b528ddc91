import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Asked } from './arguments.ts';
import { Complaints } from './complaints.ts';
import type { Target } from './own-platform.ts';

/** k6's own exit code where it ran well and a threshold did not hold. */
const thresholdsFailed = 99;

export interface Files {
  /** For people: one page with charts. */
  readonly report: string;
  /** For programs: every metric, and whether its thresholds held. */
  readonly summary: string;
}

export interface Outcome {
  readonly ran: boolean;
  /** What it complained about, each kind once, with how often. */
  readonly complaints: readonly string[];
}

/** Runs one scenario. @param progress told how far it is: of a terminal often, else now and then. */
export async function runK6(
  k6: string,
  { scenario, users, seconds }: Asked,
  { url, apiKey, apiSecret }: Target,
  { report, summary }: Files,
  progress: (text: string) => void,
): Promise<Outcome> {
  const script = join(import.meta.dirname, '../scenarios', `${scenario}.ts`);
  const child = spawn(k6, ['run', `--summary-export=${summary}`, script], {
    // The secret goes by the environment: a command line can be read by everybody on the machine.
    env: {
      ...process.env,
      RINGBACK_URL: url,
      RINGBACK_API_KEY: apiKey,
      RINGBACK_API_SECRET: apiSecret,
      RINGBACK_LOAD_USERS: String(users ?? ''),
      RINGBACK_LOAD_SECONDS: String(seconds ?? ''),
      K6_NO_USAGE_REPORT: 'true',
      K6_WEB_DASHBOARD: 'true',
      // No server: the page is wanted at the end.
      K6_WEB_DASHBOARD_PORT: '-1',
      K6_WEB_DASHBOARD_PERIOD: '1s',
      K6_WEB_DASHBOARD_EXPORT: report,
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill());
  const complaints = new Complaints();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('running (')) progress(line);
  });
  createInterface({ input: child.stderr }).on('line', (line) => complaints.hear(line));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { ran: code === 0 || code === thresholdsFailed, complaints: complaints.lines };
}
