import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { launchBrowser, type Person } from '../../../tests/support/browser.ts';
import { participantOf } from '../../../tests/support/media-watch.ts';
import type { BenchOptions, Figures } from '../bench.ts';
import {
  clickedAt,
  idleMeter,
  inCall,
  inLobby,
  join,
  leave,
  makeCall,
  startPlatform,
  untilRoute,
  type RingbackWindow,
} from '../pages.ts';
import { limits } from './limits.ts';
import { figuresOf, print, words, type Cost, type Switch } from './report.ts';
import { readWatch, watch, type RouteFact, type Watched } from './watch.ts';
import { concealedIn, longestGap, windowBefore, type Window } from './window.ts';

/** Does anybody notice that the call goes from peer to peer to the Call Server, and back? */
export async function run(options: BenchOptions): Promise<Figures> {
  const rounds = options.quick ? limits.roundsQuick : limits.rounds;
  const platform = await startPlatform();
  let browser: Browser | undefined;
  try {
    browser = await launchBrowser();
    const call = await makeCall(platform.url);
    const stay = await Stay.begin(browser, call.link);
    const switches: Switch[] = [];
    for (let round = 1; round <= rounds; round++)
      for (const one of await upAndBack(stay)) {
        switches.push(one);
        options.progress(`${round} of ${rounds}, ${words(one)}`);
      }
    call.client.close();
    print(switches, options.print);
    return figuresOf(switches);
  } finally {
    await browser?.close();
    await platform.stop();
  }
}

/** The two who stay, and what each gets of the other. */
class Stay {
  readonly browser: Browser;
  readonly link: string;
  readonly people: readonly [Person, Person];
  readonly #ids: readonly string[];

  private constructor(browser: Browser, link: string, people: [Person, Person], ids: string[]) {
    this.browser = browser;
    this.link = link;
    this.people = people;
    this.#ids = ids;
  }

  static async begin(browser: Browser, link: string): Promise<Stay> {
    const people: [Person, Person] = [await inCall(browser, link, 'A'), await inCall(browser, link, 'B')];
    const ids = await Promise.all(people.map(({ page }) => participantOf(page)));
    const stay = new Stay(browser, link, people, ids);
    for (const [index, { page }] of people.entries()) {
      await page.waitForFunction(
        (other) => other in (window as unknown as RingbackWindow).__ringback.frames,
        stay.#otherOf(index),
      );
      await watch(page, stay.#otherOf(index), limits.lookMs);
    }
    return stay;
  }

  read(since: number): Promise<Watched[]> {
    return Promise.all(this.people.map(({ page }, index) => readWatch(page, this.#otherOf(index), since)));
  }

  #otherOf(index: number): string {
    return this.#ids[1 - index]!;
  }
}

async function upAndBack(stay: Stay): Promise<Switch[]> {
  const { browser, link, people } = stay;
  const third = await inLobby(browser, link, 'C');
  await sleep(limits.quietMs);
  const idleUp = idleMeter();
  await join(third);
  await untilRoute([...people, third], 'call-server');
  await sleep(limits.tailMs + limits.lookMs * 2);
  const clicked = await clickedAt(third);
  const up = measured('up', await stay.read(clicked - limits.quietMs - limits.tailMs), clicked, idleUp());

  const left = now();
  await leave(third, people);
  const idleBack = idleMeter();
  await untilRoute(people, 'p2p');
  await sleep(limits.tailMs + limits.lookMs * 2);
  return [up, measured('back', await stay.read(left), undefined, idleBack())];
}

/** @param clicked when somebody asked for it; absent: it begins with the change of the route */
function measured(
  direction: Switch['direction'],
  watched: readonly Watched[],
  clicked: number | undefined,
  idleShare: number,
): Switch {
  const facts = watched.map((one) => ({
    changed: lastOf(one.facts, 'call.route.changed'),
    settled: lastOf(one.facts, 'call.route.settled'),
  }));
  const changed = Math.min(...facts.map((one) => one.changed.at));
  const settled = Math.max(...facts.map((one) => one.settled.at));
  const window = { from: clicked ?? changed - limits.leadMs, to: settled + limits.tailMs };
  return {
    direction,
    cost: worst(watched, window),
    without: worst(watched, windowBefore(window, limits.quietMs)),
    swapGapMs: Math.max(...watched.map(swapGap)),
    windowMs: window.to - window.from,
    clickToAllMs: settled - (clicked ?? Number.NaN),
    changeToAllMs: settled - changed,
    missing: facts[0]!.settled.missing,
    idleShare,
  };
}

function lastOf(facts: readonly RouteFact[], type: RouteFact['type']): RouteFact {
  const found = facts.findLast((fact) => fact.type === type);
  if (found === undefined) throw new Error(`no ${type} was heard`);
  return found;
}

/** Of the two who stay, whoever it was worse for. */
function worst(watched: readonly Watched[], window: Window): Cost {
  return {
    gapMs: Math.max(...watched.map(({ frames }) => longestGap(frames, window))),
    concealedMs: Math.max(...watched.map(({ heard }) => concealedIn(heard, window))) / samplesPerMs,
  };
}

/** The longer of the gaps before and after the swap, which shows a frame itself. */
function swapGap({ frames, swaps }: Watched): number {
  const at = swaps.at(-1);
  return at === undefined ? Number.NaN : longestGap(frames, { from: at - 1, to: at + 1 });
}

/** Opus is decoded at 48 kHz. */
const samplesPerMs = 48;

const now = () => performance.timeOrigin + performance.now();
