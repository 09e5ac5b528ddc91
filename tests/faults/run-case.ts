import { readdirSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { newPerson, type Person } from '../support/browser.ts';
import { allFlow, missingMs, participantOf, watchMedia } from '../support/media-watch.ts';
import type { RunningPlatform } from '../support/running-platform.ts';
import { SteadyBot, type Comparison } from '../support/steady-bot.ts';
import { joinByLink, startCall } from '../support/two-people.ts';
import { waitFor } from '../support/wait-for.ts';
import type { FaultCase, Kind } from './cases.ts';

export interface FaultResult extends FaultCase, Comparison {
  /** The longest stretch after the kill in which somebody was not seen, in milliseconds; 0 where there was none. */
  mediaBackMs: number;
  /** Who was counted out though they never left. */
  left: number;
}

interface Member extends Person {
  readonly participantId: string;
}

/** Media that is not back by then will not come. Milliseconds. */
const patienceMs = 60_000;

/** One kill -9 in a call of its own, and what came of it. */
export async function runCase(
  platform: RunningPlatform,
  browser: Browser,
  { kind, moment }: FaultCase,
): Promise<FaultResult> {
  const people = await Promise.all([newPerson(browser), newPerson(browser), newPerson(browser)]);
  const bot = await SteadyBot.start(platform);
  try {
    const link = await startCall(people[0], platform.url, 'Host');
    await joinByLink(people[1], link, 'Guest');
    const two = [await member(people[0]), await member(people[1])];
    await everybodySees(two);
    await bot.moreAcks(10);
    const door = people[2].page;
    await door.goto(link);
    await door.getByTestId('name-input').fill('Third');
    const comeIn = async () => {
      await door.getByTestId('lobby-join').click();
      await door.getByTestId('leave').waitFor();
      return member(people[2]);
    };
    const callId = link.split('/').at(-1)!;
    let killedAt = 0;
    const kill = async () => {
      const pid = pidOf(platform, kind);
      killedAt = Date.now();
      if (pid !== undefined) await platform.killPid(pid);
    };
    const stay: Member[] = two;
    if (moment === 'joining') {
      const arriving = comeIn();
      await kill();
      stay.push(await arriving);
    } else {
      const third = await comeIn();
      if (moment === 'switching') await untilFact(platform, callId, 'call.route.changed');
      else await everybodySees([...two, third]);
      if (moment !== 'switching') await untilFact(platform, callId, 'call.route.settled');
      if (moment === 'leaving') await third.page.getByTestId('leave').click();
      else stay.push(third);
      await kill();
    }
    await platform.untilReady();
    await everybodySees(stay);
    await bot.moreAcks(20);
    // For good: what comes back and goes again has not come back.
    await bot.moreAcks(200);
    await everybodySees(stay);
    const gaps = stay.map(({ page }, i) => missingMs(page, idsOf(stay.filter((_, j) => j !== i)), killedAt));
    const facts = await platform.factsOf(callId);
    const left = facts.filter(
      (e) => e.type === 'call.participant.left' && stay.some((m) => m.participantId === e.data.participantId),
    );
    return {
      kind,
      moment,
      ...(await bot.compare()),
      mediaBackMs: Math.max(...(await Promise.all(gaps))),
      left: left.length,
    };
  } finally {
    await bot.stop();
    for (const { context } of people) await context.close();
  }
}

async function member(person: Person): Promise<Member> {
  await watchMedia(person.page);
  return { ...person, participantId: await participantOf(person.page) };
}

function idsOf(members: readonly Member[]): string[] {
  return members.map(({ participantId }) => participantId);
}

async function everybodySees(members: readonly Member[]): Promise<void> {
  for (const { page, participantId } of members) {
    const others = idsOf(members).filter((id) => id !== participantId);
    await waitFor(() => allFlow(page, others), 'everybody to see everybody', patienceMs);
  }
}

async function untilFact(platform: RunningPlatform, callId: string, type: string): Promise<void> {
  await waitFor(async () => (await platform.factsOf(callId)).some((e) => e.type === type), type, patienceMs);
}

/** The supervisor's own child, or the mediasoup worker under the media gateway. */
function pidOf(platform: RunningPlatform, kind: Kind): number | undefined {
  if (kind === 'nothing') return undefined;
  const { processes } = platform.run;
  if (kind !== 'mediasoup worker') {
    const pid = processes[kind];
    if (pid === undefined) throw new Error(`no process ${kind} among ${Object.keys(processes).join(', ')}`);
    return pid;
  }
  const parent = processes['media gateway'];
  const child = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && parentOf(pid) === parent);
  if (child === undefined) throw new Error('the media gateway has no mediasoup worker');
  return Number(child);
}

function parentOf(pid: string): number | undefined {
  try {
    // The name in parentheses may hold anything; the parent is the second field behind it (proc(5)).
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return undefined; // ended meanwhile
  }
}
