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
    expect(settled.data).toMatchObject({ epoch: 1, missing: [] });
    await everybodySees([0, 1, 2]);
    // One connection to send, one to receive.
    for (const i of [0, 1, 2]) await waitFor(async () => (await openConnections(i)) === 2, 'two transports');
  });

  it('the layers that somebody gets follow the size at which they show it, each with its fact', async () => {
    const { page } = people[0]!;
    const toHost = (e: EventOf<'call.layers.changed'>) => e.data.to === ids[0];
    await fact('call.layers.changed', (e) => toHost(e) && (e.data.layers?.spatialLayer ?? 0) > 0);
    const before = (await factsOf('call.layers.changed')).length;
    await page.setViewportSize({ width: 560, height: 640 });
    const down = await waitFor(
      async () =>
        (await factsOf('call.layers.changed'))
          .slice(before)
          .find((e) => toHost(e) && e.data.decision === 'layer-down' && e.data.reason === 'tile-size'),
      'a smaller layer',
      60_000,
    );
    expect(Object.keys(down.data.samples).length).toBeGreaterThan(0);
    await page.setViewportSize({ width: 1280, height: 800 });
    await waitFor(
      async () =>
        (await factsOf('call.layers.changed')).some(
          (e) => toHost(e) && e.sequence > down.sequence && e.data.decision === 'layer-up',
        ),
      'a larger layer again',
      60_000,
    );
  });

  it('somebody who only decodes VP9 comes: everybody sends that, and is seen', async () => {
    const fourth = await newPerson(browser);
    await fourth.context.addInitScript(() => {
      const all = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
      RTCRtpReceiver.getCapabilities = (kind) => {
        const known = all(kind);
        if (known === null || kind === 'audio') return known;
        return { ...known, codecs: known.codecs.filter((c) => /vp9|rtx/i.test(c.mimeType)) };
      };
    });
    people.push(fourth);
    await joinByLink(fourth, link, 'Fourth');
    ids.push(await participantOf(fourth.page));
    await watchMedia(fourth.page);
    await everybodySees([0, 1, 2, 3]);
    const produced = await factsOf('call.track.produced');
    for (const id of ids) {
      const last = produced.findLast(
        ({ data }) =>
          data.participantId === id && data.rtpParameters.codecs[0]!.mimeType.startsWith('video/'),
      );
      expect(last?.data.rtpParameters.codecs[0]!.mimeType).toBe('video/VP9');
    }
    await fourth.page.getByTestId('leave').click();
    await everybodySees([0, 1, 2]);
  });

  it('back to two: after a while they are connected to each other again', async () => {
    await people[2]!.page.getByTestId('leave').click();
    const back = await fact('call.route.changed', (e) => e.data.kind === 'p2p');
    expect(back.data.reason).toBe('two-again');
    await fact('call.route.settled', (e) => e.data.epoch === back.data.epoch && e.data.missing.length === 0);
    await everybodySees([0, 1]);
    for (const i of [0, 1])
      await waitFor(async () => (await openConnections(i)) === 1, 'one peer connection');
  });

  it('the whole log replays to the hash that the platform holds, and no page complained', async () => {
    const callId = link.split('/').at(-1)!;
    await people[0]!.page.getByTestId('leave').click();
    await people[1]!.page.getByTestId('leave').click();
    expect(await platform.ringback('export', callId, '-o', 'switched.ndjson')).toMatchObject({ code: 0 });
    const replayed = await platform.ringback('replay', 'switched.ndjson', '--json');
    expect({ code: replayed.code, stderr: replayed.stderr }).toEqual({ code: 0, stderr: '' });
    expect(people.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
