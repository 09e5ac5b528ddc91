import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultCase } from '../faults/cases.ts';
import { runCase } from '../faults/run-case.ts';
import { launchBrowser } from '../support/browser.ts';
import { RunningPlatform } from '../support/running-platform.ts';

/** The cells of the kill matrix that touch most; `npm run faults` goes through all of them, and through the times. */
const cases: readonly FaultCase[] = [
  { kind: 'edge', moment: 'joining' },
  { kind: 'media gateway', moment: 'talking' },
  { kind: 'mediasoup worker', moment: 'switching' },
];

describe('kill -9 in a call of three', () => {
  let platform: RunningPlatform;
  let browser: Browser;

  beforeAll(async () => {
    platform = await RunningPlatform.start();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  it.each(cases)('$kind, $moment', async (one) => {
    expect(await runCase(platform, browser, one)).toMatchObject({ lost: 0, duplicated: 0, left: 0 });
  });
});
