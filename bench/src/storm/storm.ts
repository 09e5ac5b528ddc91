import { spawnSync } from 'node:child_process';
import { whyNoNginx } from '../../../tests/support/nginx.ts';
import type { BenchOptions, Figures } from '../bench.ts';
import { Helper } from '../processes.ts';
import { rounded, table } from '../table.ts';
import type { StormResult } from './crowd.ts';
import type { CrowdAsks } from './crowd-process.ts';
import { Fleet } from './fleet.ts';
import { limits } from './limits.ts';

/** A gateway dies with half of everybody: how soon are they back at another, and does anybody miss anything? */
export async function run({ root, quick, print, progress }: BenchOptions): Promise<Figures> {
  const people = quick ? limits.peopleQuick : limits.people;
  const perSecond = quick ? limits.actionsPerSecondQuick : limits.actionsPerSecond;
  const calmMs = quick ? limits.calmMsQuick : limits.calmMs;
  const calls = people / limits.peoplePerCall;
  mustAllow(people);
  const fleet = await Fleet.start(root, limits.edges);
  const crowd = new Helper<CrowdAsks>(new URL('crowd-process.ts', import.meta.url));
  try {
    const [tenant] = fleet.log.secrets.tenants;
    progress(`${people} people join ${calls} calls through nginx and ${limits.edges} gateways`);
    await crowd.ask('join', { url: fleet.url, calls, tenant: tenant! });
    progress(`${perSecond} actions a second, then kill -9 of a gateway`);
    await crowd.ask('act', perSecond);
    await sleep(calmMs);
    const [killed, ...others] = fleet.edges;
    await crowd.ask('storm', killed!.pid);
    progress('everybody is back, or does not come any more');
    await sleep(calmMs);
    const result = await crowd.ask('end', undefined);
    fleet.mustRun(others);
    report(result, { people, calls }, print);
    return figuresOf(result, people);
  } finally {
    await crowd.stop();
    await fleet.stop();
  }
}

/** nginx has two connections for each of them, and may have all of them in one of its processes. */
function mustAllow(people: number): void {
  const noNginx = whyNoNginx();
  if (noNginx !== undefined) throw new Error(`This bench puts people behind nginx: ${noNginx}`);
  const needed = 2 * people + 1_000;
  const allowed = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout.trim();
  if (allowed !== 'unlimited' && Number(allowed) < needed)
    throw new Error(
      `A process may open ${allowed} files here, and ${needed} are needed: raise the hard limit (ulimit -Hn).`,
    );
}

function report(
  result: StormResult,
  { people, calls }: { people: number; calls: number },
  print: (text: string) => void,
): void {
  const { lost, resumed, noticed, resume, pauses, attemptsMax, refusals } = result;
  print(
    `${people} people in ${calls} calls of ${limits.peoplePerCall}, through nginx, at ${limits.edges} gateways. One is killed with -9: ${lost} sockets break, ${resumed} of those people resume.\n`,
  );
  const row = (name: string, { p50Ms, p99Ms, maxMs }: typeof resume) => [name, p50Ms, p99Ms, maxMs];
  print(
    table(
      ['', 'p50 ms', 'p99 ms', 'max ms'],
      [
        row('from the kill until resumed', resume),
        row('… of which until the socket broke', noticed),
        row('… and the client’s own pauses', pauses),
      ],
    ),
  );
  const goalMs = pauses.p99Ms + limits.goalMs;
  print(
    `goal: p99 within the pauses’ p99 and ${limits.goalMs} ms, which is ${rounded(goalMs)} ms: ${resume.p99Ms <= goalMs ? 'kept' : 'NOT KEPT'}; ${attemptsMax} tries at most\n`,
  );
  print(
    table(
      ['', 'count', 'must be'],
      [
        ['people who did not resume', lost - resumed, 0],
        ['events missed', result.eventsMissed, 0],
        ['events that came twice', result.eventsTwice, 0],
        ['actions without an answer', result.unanswered, 0],
        ['actions refused', refusedIn(result), 0],
        ['actions done', result.acked, '> 0'],
      ],
    ),
  );
  if (Object.keys(refusals).length > 0) print(`refused: ${JSON.stringify(refusals)}`);
}

function figuresOf(result: StormResult, people: number): Figures {
  const { lost, resumed, noticed, resume, pauses } = result;
  return {
    people,
    lostSockets: lost,
    resumed,
    eventsMissed: result.eventsMissed,
    eventsTwice: result.eventsTwice,
    resumeMsP50: rounded(resume.p50Ms),
    resumeMsP99: rounded(resume.p99Ms),
    resumeMsMax: rounded(resume.maxMs),
    noticedMsP99: rounded(noticed.p99Ms),
    pauseMsP50: rounded(pauses.p50Ms),
    pauseMsP99: rounded(pauses.p99Ms),
    pauseMsMax: rounded(pauses.maxMs),
    ratioToLimit: rounded(resume.p99Ms / (pauses.p99Ms + limits.goalMs)),
    actionsDone: result.acked,
    actionsUnanswered: result.unanswered,
    actionsRefused: refusedIn(result),
  };
}

function refusedIn({ refusals }: StormResult): number {
  return Object.values(refusals).reduce((sum, one) => sum + one, 0);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
