import type { CallEvent } from '@ringback/schemas';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPerson, type Person } from '../support/browser.ts';
import { allFlow, participantOf, watchMedia } from '../support/media-watch.ts';
import { RunningPlatform } from '../support/running-platform.ts';
import { joinByLink, startCall } from '../support/two-people.ts';
import { waitFor } from '../support/wait-for.ts';

type EventOf<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>;

/** Real browsers, real media, a real mediasoup worker: peer to peer, the Call Server, and back. */
describe('a third person comes and goes', () => {
  let platform: RunningPlatform;
  let browser: Browser;
  let people: Person[];
  let ids: string[];
  let link: string;

  beforeAll(async () => {
    platform = await RunningPlatform.start();
    browser = await launchBrowser();
    people = [await newPerson(browser), await newPerson(browser), await newPerson(browser)];
    link = await startCall(people[0]!, platform.url, 'Host');
    await joinByLink(people[1]!, link, 'Guest');
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  const factsOf = async <T extends CallEvent['type']>(type: T): Promise<EventOf<T>[]> =>
    (await platform.factsOf(link.split('/').at(-1)!)).filter((e): e is EventOf<T> => e.type === type);
  const fact = <T extends CallEvent['type']>(type: T, matches: (event: EventOf<T>) => boolean = () => true) =>
    waitFor(async () => (await factsOf(type)).find(matches), type, 60_000);
  const everybodySees = async (members: number[]) => {
    for (const i of members) {
      const others = members.filter((j) => j !== i).map((j) => ids[j]!);
      await waitFor(() => allFlow(people[i]!.page, others), `${i} to see ${others.length}`, 60_000);
    }
  };
  const openConnections = (i: number) =>
    people[i]!.page.evaluate(
      () =>
        (window as unknown as { peerConnections: RTCPeerConnection[] }).peerConnections.filter(
          (pc) => pc.connectionState === 'connected',
        ).length,
    );

  it('two people are connected to each other', async () => {
    ids = await Promise.all(people.slice(0, 2).map(({ page }) => participantOf(page)));
    for (const { page } of people.slice(0, 2)) await watchMedia(page);
    await everybodySees([0, 1]);
    expect(await factsOf('call.route.changed')).toEqual([]);
  });

  it('from the third on everybody shows the Call Server, and the peer connection is closed', async () => {
    await joinByLink(people[2]!, link, 'Third');
    ids.push(await participantOf(people[2]!.page));
    await watchMedia(people[2]!.page);
    const changed = await fact('call.route.changed');
    const [join] = (await factsOf('call.participant.joined')).slice(-1);
    expect(changed.data).toMatchObject({ kind: 'call-server', epoch: 1, reason: 'third-joined', people: 3 });
    expect(changed.sequence).toBe(join!.sequence + 1);
    expect(changed.data.cause?.data.servers).toHaveLength(1);
    const settled = await fact('call.route.settled');
    console.log(JSON.stringify(settled.data.missing));
    await everybodySees([0, 1, 2]);
    // One connection to send, one to receive.
    for (const i of [0, 1, 2]) await waitFor(async () => (await openConnections(i)) === 2, 'two transports');
  });


  it('dump', async () => {
    await new Promise((r) => setTimeout(r, 12000));
    const facts = await platform.factsOf(link.split('/').at(-1)!);
    const t0 = Date.parse(facts.find((e) => e.type === 'call.route.changed')!.time);
    const { writeFileSync } = await import('node:fs');
    writeFileSync('/tmp/facts.json', JSON.stringify(facts));
    for (const e of facts) console.log(e.sequence, Date.parse(e.time) - t0, e.type, JSON.stringify(e.data).slice(0, 230));
    writeFileSync('/tmp/errors.json', JSON.stringify(people.map((p) => p.errors)));
  });
});
