import { setTimeout as sleep } from 'node:timers/promises';
import type { JoinMarks } from '@ringback/schemas';
import type { Browser } from 'playwright-core';
import { launchBrowser, type Person } from '../../../tests/support/browser.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { BenchOptions, Figures } from '../bench.ts';
import {
  idleMeter,
  inCall,
  inLobby,
  join,
  leave,
  makeCall,
  startPlatform,
  untilRoute,
  type BenchCall,
} from '../pages.ts';
import { joinBare } from './bare.ts';
import { limits } from './limits.ts';
import { figuresOf, print, type BareRun, type Join, type Joins, type Kind } from './report.ts';
import { readTap, tap, untilFirstFrame } from './tap.ts';

/** Who is there before the one whose join is measured: with the fourth, the Call Server's route exists already. */
const waiting: Record<Kind, readonly string[]> = { p2p: ['A'], callServer: ['A', 'B', 'C'] };

/** How long from the click on Join to somebody's first picture, and where does the time go? */
export async function run(options: BenchOptions): Promise<Figures> {
  const rounds = options.quick ? limits.roundsQuick : limits.rounds;
  const platform = await startPlatform();
  let browser: Browser | undefined;
  try {
    browser = await launchBrowser();
    const joins: Joins = { p2p: [], callServer: [], bare: [], failed: [] };
    for (let round = 1; round <= rounds; round++) {
      options.progress(`round ${round} of ${rounds}`);
      await room('p2p', { browser, url: platform.url }, joins, options);
      await room('callServer', { browser, url: platform.url }, joins, options);
      await bareJoins({ browser, url: platform.url }, joins, options);
    }
    print(joins, options.print);
    return figuresOf(joins);
  } finally {
    await browser?.close();
    await platform.stop();
  }
}

interface Place {
  readonly browser: Browser;
  readonly url: string;
}

const countOf = ({ quick }: BenchOptions) => (quick ? limits.joinsPerRoomQuick : limits.joinsPerRoom);

/** One call that some wait in, joined by one more again and again. */
async function room(kind: Kind, { browser, url }: Place, joins: Joins, options: BenchOptions): Promise<void> {
  const call = await makeCall(url);
  const people: Person[] = [];
  try {
    for (const name of waiting[kind]) people.push(await inCall(browser, call.link, name));
    if (kind === 'callServer') await untilRoute(people, 'call-server');
    for (let index = 1; index <= countOf(options); index++) {
      const joiner = await inLobby(browser, call.link, 'Guest', tap);
      try {
        await sleep(limits.pauseMs);
        const one = await oneJoin(call, joiner);
        joins[kind].push(one);
        options.progress(`${kind} ${index}: ${Math.round(one.seen.firstFrame)} ms`);
      } catch (error) {
        joins.failed.push(`${kind}: ${String(error)}`);
        options.progress(`${kind} ${index}: ${String(error)}`);
      }
      await leave(joiner, people);
    }
  } finally {
    for (const { context } of people) await context.close();
    call.client.close();
  }
}

async function oneJoin(call: BenchCall, joiner: Person): Promise<Join> {
  const idle = idleMeter();
  await join(joiner);
  await untilFirstFrame(joiner.page, limits.joinMsMax);
  const idleShare = idle();
  const { participantId, seen, happenings } = await readTap(joiner.page);
  return { seen, happenings, idleShare, told: await toldBy(call, participantId) };
}

/** What the call's timeline holds of that join: the page reports it itself. */
async function toldBy({ client, callId }: BenchCall, participantId: string): Promise<JoinMarks> {
  return waitFor(
    async () => {
      const { telemetry } = await client.getTelemetry(callId);
      for (const event of telemetry)
        if (event.type === 'call.client.reported' && event.data.participantId === participantId) {
          const { report } = event.data;
          if (report.kind === 'join') return report.marks;
        }
      await sleep(limits.reportEveryMs);
      return undefined;
    },
    'the join to stand in the timeline',
    limits.reportMsMax,
  );
}

async function bareJoins({ browser, url }: Place, joins: Joins, options: BenchOptions): Promise<void> {
  const call = await makeCall(url);
  try {
    for (let index = 1; index <= countOf(options); index++) {
      const { page, context } = await inLobby(browser, call.link, 'Guest');
      await sleep(limits.pauseMs);
      const idle = idleMeter();
      const times = await joinBare(page);
      const one: BareRun = { ...times, idleShare: idle() };
      joins.bare.push(one);
      options.progress(`bare ${index}: ${Math.round(one.firstFrame)} ms`);
      await context.close();
    }
  } finally {
    call.client.close();
  }
}
