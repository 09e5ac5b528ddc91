import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath } from '@ringback/runtime';
import type { CallEvent } from '@ringback/schemas';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPerson, type Person } from '../support/browser.ts';
import { allFlow, participantOf, watchMedia } from '../support/media-watch.ts';
import { RunningPlatform } from '../support/running-platform.ts';
import { joinByLink, startCall } from '../support/two-people.ts';
import { waitFor } from '../support/wait-for.ts';
import { Lab, serverAddress, sides, type Side } from './lab.ts';
import { whyNoNetworks } from './possible.ts';

type EventOf<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>;

const url = `http://${serverAddress}:8080`;
/** A poor mobile uplink. */
const narrowBps = 300_000;

/** Three people through the Call Server: one behind router a, two behind router b. */
describe.skipIf(whyNoNetworks() !== undefined)('the Call Server across networks', () => {
  let folder: string;
  const browsers: Partial<Record<Side, Browser>> = {};
  let lab: Lab;
  let platform: RunningPlatform;
  let people: Person[];
  let ids: string[];
  let callId: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringback-network-'));
    lab = Lab.create();
    platform = await RunningPlatform.start({ PORT: '8080' }, lab.inServer);
    for (const side of sides)
      browsers[side] = await launchBrowser({
        executablePath: lab.wrapper(side, chromiumPath()!, folder),
        args: [`--unsafely-treat-insecure-origin-as-secure=${url}`],
      });
    people = [await newPerson(browsers.a!), await newPerson(browsers.b!), await newPerson(browsers.b!)];
    const link = await startCall(people[0]!, url, 'Host');
    callId = link.split('/').at(-1)!;
    await joinByLink(people[1]!, link, 'Guest');
    await joinByLink(people[2]!, link, 'Third');
    ids = await Promise.all(people.map(({ page }) => participantOf(page)));
    for (const { page } of people) await watchMedia(page);
    await everybodySees();
    await waitFor(
      async () => (await factsOf('call.route.settled')).length > 0,
      'the switch to be over',
      60_000,
    );
  });
  afterAll(async () => {
    try {
      for (const side of sides) await browsers[side]?.close();
      await platform?.stop();
    } finally {
      lab?.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const factsOf = async <T extends CallEvent['type']>(type: T): Promise<EventOf<T>[]> =>
    (await platform.factsOf(callId)).filter((e): e is EventOf<T> => e.type === type);
  const everybodySees = async () => {
    for (const [i, { page }] of people.entries())
      await waitFor(
        () =>
          allFlow(
            page,
            ids.filter((_, j) => j !== i),
          ),
        `${i} to see everybody`,
        60_000,
      );
  };
  const layersOfHost = async (since: number) =>
    (await factsOf('call.layers.changed')).filter(
      (e) => e.sequence > since && e.data.participantId === ids[0],
    );
  const head = async () => (await platform.factsOf(callId)).length;

  it('a narrow uplink: smaller layers for the others, each with its cause; sound goes on; then larger again', async () => {
    await waitFor(
      async () => (await layersOfHost(0)).some((e) => (e.data.layers?.spatialLayer ?? 0) > 0),
      'more than the smallest layer',
      60_000,
    );
    const before = await head();
    lab.uplink('a', narrowBps);
    const smaller = await waitFor(
      async () =>
        (await layersOfHost(before)).find(
          (e) =>
            e.data.decision !== 'layer-up' && e.data.decision !== 'video-on' && e.data.reason === 'uplink',
        ),
      'a smaller layer',
      60_000,
    );
    expect(Object.keys(smaller.data.samples).length).toBeGreaterThan(0);
    // Through the narrow uplink what matters most arrives.
    const heard = await audioPackets(people[1]!.page);
    await waitFor(
      async () => (await audioPackets(people[1]!.page)) > heard + 200,
      'four seconds of sound',
      30_000,
    );
    lab.uplink('a', undefined);
    await waitFor(
      async () =>
        (await layersOfHost(smaller.sequence)).some(
          (e) => e.data.decision === 'layer-up' || e.data.decision === 'video-on',
        ),
      'a larger layer again',
      60_000,
    );
    await everybodySees();
  });

  it('another address mid-call: ICE of both transports restarts, and it is the same call', async () => {
    const before = await head();
    lab.changeAddress('a', 3);
    const restarted = async () =>
      new Set(
        (await factsOf('call.transport.restarted'))
          .filter((e) => e.sequence > before && e.data.to === ids[0])
          .map((e) => e.data.direction),
      );
    // Or new ones, where the old ones could not be saved.
    const made = async () =>
      (await factsOf('call.transports.created')).some((e) => e.sequence > before && e.data.to === ids[0]);
    await waitFor(
      async () => (await restarted()).size === 2 || (await made()),
      'new transports or ICE',
      60_000,
    );
    await everybodySees();
    expect((await factsOf('call.participant.left')).length).toBe(0);
  });

  it('UDP blocked: the Call Server is reached over TCP', async () => {
    lab.block('a', 'ip protocol udp');
    const lastReport = async (direction: 'send' | 'recv') =>
      (await factsOf('call.transport.changed')).findLast(
        ({ data }) => data.participantId === ids[0] && data.direction === direction,
      )?.data;
    const isOverTcp = async (direction: 'send' | 'recv') => {
      const { state, pair } = (await lastReport(direction)) ?? {};
      return state === 'connected' && (pair?.protocol === 'tcp' || pair?.relayProtocol === 'tcp');
    };
    for (const direction of ['send', 'recv'] as const)
      await waitFor(() => isOverTcp(direction), `${direction} over TCP`, 60_000);
    await everybodySees();
    // What the log says is what the browser uses.
    for (const direction of ['send', 'recv'] as const) {
      const { localCandidateType, protocol, relayProtocol } = (await lastReport(direction))!.pair!;
      expect(await pairsInUse(people[0]!.page)).toContainEqual([localCandidateType, protocol, relayProtocol]);
    }
  });
});

/** Of each connected peer connection: type, protocol and relay protocol of its local candidate in use. */
function pairsInUse(page: Page): Promise<(string | undefined)[][]> {
  return page.evaluate(async () => {
    const all = (window as unknown as { peerConnections: RTCPeerConnection[] }).peerConnections;
    const pairs: (string | undefined)[][] = [];
    for (const pc of all.filter((one) => one.connectionState === 'connected')) {
      const stats = new Map<string, Record<string, string>>([...(await pc.getStats())]);
      const transport = [...stats.values()].find((s) => s['type'] === 'transport');
      const local = stats.get(
        stats.get(transport?.['selectedCandidatePairId'] ?? '')?.['localCandidateId'] ?? '',
      );
      pairs.push([local?.['candidateType'], local?.['protocol'], local?.['relayProtocol']]);
    }
    return pairs;
  });
}

/** Packets of the others' sound that arrived in this page. */
function audioPackets(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const all = (window as unknown as { peerConnections: RTCPeerConnection[] }).peerConnections;
    let packets = 0;
    for (const pc of all.filter((one) => one.connectionState === 'connected'))
      for (const stats of (await pc.getStats()).values())
        if (stats.type === 'inbound-rtp' && stats.kind === 'audio') packets += stats.packetsReceived ?? 0;
    return packets;
  });
}
