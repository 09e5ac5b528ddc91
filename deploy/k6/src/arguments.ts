import { parseArgs } from 'node:util';
import { limits } from './limits.ts';

export const scenarios = ['smoke', 'ramp', 'soak', 'spike', 'reconnect-storm'] as const;

export interface Asked {
  readonly scenario: (typeof scenarios)[number];
  /** Of a platform that runs; without it one of our own is started. */
  readonly url?: string;
  readonly users?: number;
  readonly seconds?: number;
  readonly json: boolean;
}

export const usage = `usage: npm run load -- SCENARIO [--url URL] [--users N] [--duration 90s] [--json]
scenarios: ${scenarios.join(', ')}
--url       a platform that runs; RINGBACK_API_KEY and RINGBACK_API_SECRET of a tenant of it sign the users' tokens.
            Without it one is started here, in a home of its own
--users     people in calls of four
--duration  30s, 10m or 1h; not for smoke
--json      the last line is one JSON object
`;

/** @returns a sentence about what is wrong, or what was asked for. */
export function readArguments(args: readonly string[]): Asked | string {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        users: { type: 'string' },
        duration: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return (error as Error).message;
  }
  const { values, positionals } = parsed;
  const scenario = scenarios.find((name) => name === positionals[0]);
  if (scenario === undefined || positionals.length > 1) return 'Name one scenario.';
  const users = values.users === undefined ? undefined : Number(values.users);
  if (users !== undefined && !(Number.isInteger(users) && users >= 4 && users <= limits.usersMax))
    return `--users is "${values.users}": it must be a number from 4 to ${limits.usersMax}.`;
  const seconds = values.duration === undefined ? undefined : secondsOf(values.duration);
  if (seconds !== undefined && scenario === 'smoke')
    return 'smoke is as long as it takes: leave out --duration.';
  if (seconds !== undefined && !(seconds >= 10 && seconds <= limits.secondsMax))
    return `--duration is "${values.duration}": it must be like 90s, 10m or 1h, and 10 s to 24 h long.`;
  if (values.url !== undefined && !/^https?:$/.test(URL.parse(values.url)?.protocol ?? ''))
    return `--url is "${values.url}": it must be like https://meet.example.org.`;
  return {
    scenario,
    json: values.json,
    ...(values.url === undefined ? {} : { url: values.url }),
    ...(users === undefined ? {} : { users }),
    ...(seconds === undefined ? {} : { seconds }),
  };
}

/** NaN where it is not a duration. */
function secondsOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})(s|m|h)$/.exec(text) ?? [];
  return Number(count) * { s: 1, m: 60, h: 3_600 }[(unit ?? 's') as 's' | 'm' | 'h'];
}
