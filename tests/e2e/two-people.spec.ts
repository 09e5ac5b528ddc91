import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type Person } from '../support/browser.ts';
import { RunningPlatform } from '../support/running-platform.ts';
import { mediaFlows, twoPeople } from '../support/two-people.ts';
import { waitFor } from '../support/wait-for.ts';

/** The main job: two people, one link, real media; then the log tells all of it, and replays to the same hash. */
describe('two people in two browsers', () => {
  let platform: RunningPlatform;
  let browser: Browser;
  let host: Person;
  let guest: Person;
  let link: string;
  let callId: string;

  beforeAll(async () => {
    platform = await RunningPlatform.start();
    browser = await launchBrowser();
    ({ host, guest, link, callId } = await twoPeople(browser, platform.url));
  });
  afterAll(async () => {
    await browser?.close();
    const stopMs = await platform?.stop();
    expect(stopMs).toBeLessThan(5_000);
  });

  const events = () => platform.factsOf(callId);

  it('see and hear each other, peer to peer', async () => {
    for (const [person, name] of [
      [host, 'host'],
      [guest, 'guest'],
    ] as const) {
      const stats = await mediaFlows(person.page, name);
      expect(['host', 'srflx', 'prflx', 'relay']).toContain(stats.localCandidateType);
      expect(['host', 'srflx', 'prflx', 'relay']).toContain(stats.remoteCandidateType);
      await expect.poll(() => person.page.getByTestId('tile').count()).toBe(2);
    }
  });

  it('muting is seen by the other, and in the log', async () => {
    await host.page.getByTestId('mute').click();
    await waitFor(
      async () => (await events()).some((e) => e.type === 'call.track.muted'),
      'the mute to be in the log',
    );
    await host.page.getByTestId('mute').click();
    await waitFor(
      async () => (await events()).some((e) => e.type === 'call.track.unmuted'),
      'the unmute to be in the log',
    );
  });

  it('one reloads and is back in the call with picture and sound', async () => {
    const before = (await events()).length;
    await guest.page.reload();
    await guest.page.getByTestId('leave').waitFor();
    await mediaFlows(guest.page, 'guest after the reload');
    await mediaFlows(host.page, 'host after the reload');
    const since = (await events()).slice(before);
    expect(since.some((e) => e.type === 'call.participant.reconnected')).toBe(true);
    expect(since.some((e) => e.type === 'call.participant.left')).toBe(false);
    await expect.poll(() => host.page.getByTestId('tile').count()).toBe(2);
  });

  it('the timeline page shows the call while it runs', async () => {
    const page = await host.context.newPage();
    await page.goto(link.replace('/c/', '/t/'));
    await expect.poll(() => page.getByTestId('timeline-lane').count()).toBe(3);
    await expect.poll(() => page.getByTestId('timeline-event').count()).toBeGreaterThan(10);
    // The first instant: nobody is in yet.
    await page.getByTestId('timeline-scrubber').press('Home');
    await expect.poll(() => page.getByTestId('timeline-state').getAttribute('data-seq')).toBe('1');
    await page.close();
  });

  it('the host ends it; the log holds every step, gapless', async () => {
    await host.page.getByTestId('end-call').click();
    await host.page.getByTestId('end-call-confirm').click();
    await guest.page.getByTestId('call-over').waitFor();
    const all = await waitFor(async () => {
      const read = await events();
      return read.at(-1)?.type === 'call.ended' && read;
    }, 'the end to be in the log');
    expect(all.map((e) => e.sequence)).toEqual(all.map((_, i) => i + 1));
    const types = all.map((e) => e.type);
    for (const type of [
      'call.created',
      'call.participant.joined',
      'call.track.published',
      'call.offer.sent',
      'call.answer.sent',
      'call.candidate.sent',
      'call.connection.changed',
      'call.track.muted',
      'call.track.unmuted',
      'call.participant.disconnected',
      'call.participant.reconnected',
      'call.participant.left',
      'call.ended',
    ] as const)
      expect(types, type).toContain(type);
    const connected = all.find((e) => e.type === 'call.connection.changed' && e.data.state === 'connected');
    expect(connected?.data).toMatchObject({ pair: { protocol: expect.stringMatching(/udp|tcp/) } });
  });

  it("a replay of the export gives the worker's own state hash", async () => {
    const file = join(platform.home, 'call.ndjson.zst');
    const exported = await platform.ringback('export', callId, '-o', file);
    expect(exported).toMatchObject({ code: 0 });
    const token = await host.page.evaluate(() => JSON.stringify({ ...localStorage }));
    const bearer = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(token)![0];
    const response = await fetch(`${platform.url}/v1/calls/${callId}`, {
      headers: { authorization: `Bearer ${bearer}` },
    });
    const { stateHash, seq } = (await response.json()) as { stateHash: string; seq: number };
    expect(stateHash).toMatch(/^[0-9a-f]{64}$/);
    const replayed = await platform.ringback('replay', file, '--json');
    expect(replayed.code).toBe(0);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ verdict: 'same', stateHash, summary: { seq } });
  });

  it('no page complained', () => {
    expect([...host.errors, ...guest.errors]).toEqual([]);
  });
});
