import type { Browser } from 'playwright-core';
import { mediaStats, newPerson, type MediaStats, type Person } from './browser.ts';
import { waitFor } from './wait-for.ts';

/** The host starts a call from the home page, as a person does; returns the link to share. */
export async function startCall(host: Person, url: string, name: string): Promise<string> {
  const { page } = host;
  await page.goto(url);
  await page.getByTestId('name-input').fill(name);
  await page.getByTestId('start-call').click();
  await page.waitForURL('**/c/*');
  const link = page.url();
  await page.getByTestId('lobby-join').click();
  await page.getByTestId('leave').waitFor();
  return link;
}

/** Opens the link and goes through the lobby. */
export async function joinByLink(guest: Person, link: string, name: string): Promise<void> {
  const { page } = guest;
  await page.goto(link);
  await page.getByTestId('name-input').fill(name);
  await page.getByTestId('lobby-join').click();
  await page.getByTestId('leave').waitFor();
}

/** Two people in a call, each in a browser of their own. */
export async function twoPeople(
  browser: Browser,
  url: string,
): Promise<{ host: Person; guest: Person; link: string; callId: string }> {
  const host = await newPerson(browser);
  const guest = await newPerson(browser);
  const link = await startCall(host, url, 'Host');
  await joinByLink(guest, link, 'Guest');
  return { host, guest, link, callId: link.split('/').at(-1)! };
}

/** Waits until this page decodes more frames and hears more sound than it does now. */
export async function mediaFlows(page: Person['page'], what: string): Promise<MediaStats> {
  const before = await waitFor(() => mediaStats(page), `${what}: a connected peer connection`, 60_000);
  return waitFor(
    async () => {
      const now = await mediaStats(page);
      const grows =
        now !== undefined &&
        now.framesDecoded > before.framesDecoded + 5 &&
        now.totalAudioEnergy > before.totalAudioEnergy;
      return grows && now;
    },
    `${what}: frames and sound to arrive`,
    60_000,
  );
}
