import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type Person } from '../support/browser.ts';
import { RunningPlatform } from '../support/running-platform.ts';
import { SteadyBot } from '../support/steady-bot.ts';
import { mediaFlows, twoPeople } from '../support/two-people.ts';
import { waitFor } from '../support/wait-for.ts';

/** kill -9 of each process during a real call: what was acknowledged stays, and everyone comes back by themselves. */
describe('kill -9 during a call', () => {
  let platform: RunningPlatform;
  let browser: Browser;
  let host: Person;
  let guest: Person;
  let callId: string;
  let bot: SteadyBot;

  beforeAll(async () => {
    platform = await RunningPlatform.start();
    browser = await launchBrowser();
    ({ host, guest, callId } = await twoPeople(browser, platform.url));
    await mediaFlows(host.page, 'host');
    bot = await SteadyBot.start(platform);
  });
  afterAll(async () => {
    await bot?.stop();
    await browser?.close();
    await platform?.stop();
  });

  const callEvents = () => platform.factsOf(callId);
  const mutes = async () => (await callEvents()).filter((e) => e.type === 'call.track.muted').length;
  const heldBy = (page: Page) =>
    page.evaluate(() => (window as unknown as { ringback: { call?: { seq: number } } }).ringback.call?.seq);

  it.each(['calls worker', 'edge', 'nats-server'])('%s', async (name) => {
    await bot.moreAcks(20);
    await platform.kill(name);
    // Goes on without anybody's help.
    await bot.moreAcks(20);
    expect(await bot.compare()).toMatchObject({ lost: 0, duplicated: 0 });

    // The two in the browsers see each other, act, and have what the log has.
    const before = await mutes();
    await host.page.getByTestId('mute').click();
    await waitFor(async () => (await mutes()) > before, 'the mute to be in the log', 40_000);
    await host.page.getByTestId('mute').click();
    for (const { page } of [host, guest]) {
      await mediaFlows(page, `after the death of ${name}`);
      await waitFor(
        async () => (await heldBy(page)) === (await callEvents()).length,
        'the page to be at the head',
        40_000,
      );
    }
    const left = (await callEvents()).filter((e) => e.type === 'call.participant.left');
    expect(left).toEqual([]);
    expect([...host.errors, ...guest.errors]).toEqual([]);
  });

  it('the state that the platform holds is the fold of what is in the log', async () => {
    await bot.stop();
    expect(await platform.ringback('export', bot.callId, '-o', 'killed.ndjson')).toMatchObject({ code: 0 });
    const replayed = await platform.ringback('replay', 'killed.ndjson', '--json');
    expect(replayed.code).toBe(0);
    const { stateHash, facts: seq } = JSON.parse(replayed.stdout) as { stateHash: string; facts: number };
    expect(seq).toBeGreaterThanOrEqual(bot.acked.at(-1)!.seq);
    // The bot's socket closed after the export was cut, so the platform may be one fact ahead.
    const ahead = await bot.state();
    if (ahead.seq === seq) expect(stateHash).toBe(ahead.stateHash);
    else expect(ahead.seq).toBeGreaterThan(seq);
  });
});
