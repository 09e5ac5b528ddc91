import { RingbackClient, type TimelineEntry, type TokenRequest } from '@ringback/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { waitFor } from '../support/wait-for.ts';

/** The SDK against a real edge: what no fake of it can tell. */
let platform: InProcessPlatform;
const clients: RingbackClient[] = [];
beforeAll(async () => void (platform = await InProcessPlatform.start()));
afterAll(async () => {
  for (const client of clients) client.close();
  await platform.close();
});

function clientOf(token: ConstructorParameters<typeof RingbackClient>[0]['token']): RingbackClient {
  const client = new RingbackClient({ url: platform.url, token });
  clients.push(client);
  return client;
}
const video = { roomJoin: true, roomCreate: true };
const shortToken = (sub: string, seconds: number) =>
  platform.sign({ sub, video, exp: Math.floor(Date.now() / 1_000) + seconds });

describe('a session', () => {
  it('outlives its tokens on one socket, and the others in the call notice nothing', async () => {
    // Half of it is left at the least when another one is asked for: a machine that stands still for seconds is forgiven.
    const lifeSeconds = 8;
    const asked: TokenRequest[] = [];
    const statuses: string[] = [];
    const client = clientOf(async (request) => {
      asked.push(request);
      return shortToken('host', lifeSeconds);
    });
    client.on('status', (status) => statuses.push(status));
    const { callId } = await client.createCall();
    const call = client.join(callId, { displayName: 'Host' });
    await call.ready;
    const { sessionId } = client.session!;
    const firstEndsAt = client.session!.serverTime + lifeSeconds * 1_000;
    await waitFor(() => Date.now() > firstEndsAt, 'the end of the first token');
    expect(asked.filter(({ expiring }) => expiring).length).toBeGreaterThan(0);
    await call.lock();
    expect([client.session?.sessionId, statuses, asked.some(({ refused }) => refused)]).toEqual([
      sessionId,
      ['connecting', 'connected'],
      false,
    ]);
    const facts = (await platform.events()).filter(({ subject }) => subject === callId);
    expect(facts.map(({ type }) => type)).toEqual(['call.created', 'call.participant.joined', 'call.locked']);
  });

  it('of a text ends with its token', async () => {
    const client = clientOf(shortToken('host', 4));
    const told: unknown[] = [];
    client.on('token-expiring', (event) => told.push(event));
    const closed = new Promise((resolve) => client.on('closed', ({ error }) => resolve(error?.code)));
    client.connect();
    expect(await closed).toBe('token_expired');
    expect(told).toEqual([{ leftMs: expect.any(Number) }]);
  });

  it('that was given the token of another user goes on until its own ends, and is told', async () => {
    const client = clientOf(({ expiring }) => (expiring ? platform.token('other') : shortToken('host', 8)));
    const failed = new Promise((resolve) =>
      client.on('token-expiring', ({ error }) =>
        resolve([error?.code, client.status, client.session?.userId]),
      ),
    );
    client.connect();
    expect(await failed).toEqual(['token_mismatch', 'connected', 'host']);
  });
});

describe('guests', () => {
  it('stay the same ones with another token', async () => {
    const url = platform.url;
    const guest = await RingbackClient.createGuest('Guest', { url });
    const again = await RingbackClient.renewGuest(guest.token, { url });
    expect(again.userId).toBe(guest.userId);
    expect(again.expiresAt).toBeGreaterThanOrEqual(guest.expiresAt);
    const { callId } = await clientOf(guest.token).createCall();
    expect((await clientOf(again.token).getCall(callId)).state.createdBy).toBe(guest.userId);
    await expect(RingbackClient.renewGuest(platform.token('host'), { url })).rejects.toMatchObject({
      code: 'not_permitted',
    });
  });
});

describe('the timeline of a call', () => {
  it('has what the log has and what was refused, with the state after each, live and to the end', async () => {
    const host = clientOf(platform.token('host'));
    const { callId } = await host.createCall({ name: 'Standup' });
    const call = host.join(callId, { displayName: 'Host' });
    await call.ready;
    const entries: TimelineEntry[] = [];
    const followed = (async () => {
      for await (const entry of call.timeline().follow()) entries.push(entry);
    })();
    const guest = clientOf(platform.token('guest'));
    const theirs = guest.join(callId, { displayName: 'Guest' });
    await theirs.ready;
    await expect(theirs.lock()).rejects.toMatchObject({ code: 'not_host' });
    await theirs.raiseHand();
    await waitFor(
      () => entries.some((entry) => entry.kind === 'event' && entry.event.type === 'call.hand.raised'),
      'the raised hand, live',
    );
    await call.end();
    await followed;
    const facts = entries.flatMap((entry) => (entry.kind === 'event' ? [entry.event] : []));
    const log = (await platform.events()).filter(({ subject }) => subject === callId);
    expect(facts).toEqual(log);
    expect(entries.flatMap((entry) => (entry.kind === 'telemetry' ? [entry.telemetry.type] : []))).toContain(
      'call.command.rejected',
    );
    for (const entry of entries)
      if (entry.kind === 'event') expect(entry.state?.seq).toBe(entry.event.sequence);

    const timeline = guest.timeline(callId);
    await timeline.read();
    const { state } = await host.getCall(callId);
    expect([timeline.events.length, timeline.ended]).toEqual([log.length, true]);
    expect(timeline.stateAfter(log.length)).toEqual(state);
    expect(timeline.stateAt(Date.parse(log[0]!.time))?.name).toBe('Standup');
    await expect(clientOf(platform.token('stranger')).timeline(callId).read()).rejects.toMatchObject({
      code: 'not_permitted',
    });
  });
});
