import { describe, expect, it } from 'vitest';
import { RingbackClient } from './client.ts';
import { sdkLimits } from './limits.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { callId, created } from './testing/fake-gateway.ts';
import type { TokenRequest } from './types.ts';
import { uuidV7 } from './uuid.ts';

interface Sent {
  url: string;
  method: string;
  authorization: string | null;
  body: Record<string, unknown> | undefined;
}

/** A client whose server gives these answers, one after another; a number is a status with a problem. */
function withAnswers(...answers: (object | [status: number, code: string] | 'unreachable' | 'html')[]) {
  const sent: Sent[] = [];
  const clock = new FakeClock();
  const fetch = async (url: unknown, init?: RequestInit) => {
    sent.push({
      url: String(url),
      method: init?.method ?? 'GET',
      authorization: new Headers(init?.headers).get('authorization'),
      body: init?.body === undefined ? undefined : JSON.parse(String(init.body)),
    });
    const answer = answers.shift() ?? 'unreachable';
    if (answer === 'unreachable') throw new TypeError('fetch failed');
    if (answer === 'html') return new Response('<html>', { status: 502 });
    if (!Array.isArray(answer)) return Response.json(answer);
    const [status, code] = answer;
    return Response.json({ type: '', title: code, status, detail: `detail: ${code}`, code }, { status });
  };
  const ports = {
    fetch: fetch as typeof globalThis.fetch,
    clock,
    random: () => 0.5,
    uuid: () => uuidV7(clock.now()),
  };
  const token = ({ refused }: TokenRequest) => (refused === undefined ? 'fresh' : `fresh after ${refused}`);
  const client = new RingbackClient({ url: 'https://meet.example.org', token, ports });
  return { client, sent, clock, ports };
}

/** Runs the pauses between tries. */
async function after<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  const done = promise.catch(() => {});
  await clock.pass(5_000);
  await done;
  return promise;
}

describe('HTTP', () => {
  it('makes a guest without a token', async () => {
    const { ports, sent } = withAnswers({ userId: 'guest:1', token: 'jwt', expiresAt: 1 });
    const options = { url: 'https://meet.example.org', ports };
    expect(await RingbackClient.createGuest('Host', options)).toMatchObject({ token: 'jwt' });
    expect(sent[0]).toMatchObject({
      url: 'https://meet.example.org/v1/guests',
      method: 'POST',
      authorization: null,
    });
    expect(sent[0]?.body).toEqual({ displayName: 'Host' });
  });

  it('asks again for a guest where the gateway restarts', async () => {
    const { ports, sent, clock } = withAnswers('unreachable', 'unreachable', { userId: 'guest:1' });
    expect(
      await after(clock, RingbackClient.createGuest('Host', { url: 'https://meet.example.org', ports })),
    ).toMatchObject({ userId: 'guest:1' });
    expect(sent).toHaveLength(3);
  });

  it('makes a call under one command id, however often it has to ask', async () => {
    const { client, sent, clock } = withAnswers('unreachable', 'html', {
      callId,
      seq: 1,
      url: `/c/${callId}`,
    });
    expect(await after(clock, client.createCall({ name: 'Standup' }))).toMatchObject({ callId });
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map((s) => s.body?.['commandId'])).size).toBe(1);
    expect(sent[0]?.body).toMatchObject({ name: 'Standup' });
    expect(sent[0]?.body?.['commandId']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
    expect(sent[0]?.authorization).toBe('Bearer fresh');
  });

  it('leaves the id to a server that finds our clock wrong, and then asks once only', async () => {
    const { client, sent, clock } = withAnswers([400, 'clock_skew'], 'unreachable');
    await expect(after(clock, client.createCall())).rejects.toMatchObject({ code: 'network' });
    expect(sent.map((s) => 'commandId' in (s.body ?? {}))).toEqual([true, false]);
  });

  it('gives up after so many tries of what may pass, at once of what may not', async () => {
    const overloaded = Array.from({ length: sdkLimits.httpTriesMax + 1 }, (): [number, string] => [
      503,
      'overloaded',
    ]);
    const passing = withAnswers(...overloaded);
    await expect(after(passing.clock, passing.client.listCalls())).rejects.toMatchObject({
      code: 'overloaded',
      message: 'detail: overloaded',
      retryable: true,
    });
    expect(passing.sent).toHaveLength(sdkLimits.httpTriesMax);
    const lasting = withAnswers([404, 'call_unknown']);
    await expect(lasting.client.getCall(callId)).rejects.toMatchObject({
      code: 'call_unknown',
      retryable: false,
    });
    expect([lasting.sent.length, lasting.clock.timers]).toEqual([1, 0]);
  });

  it('asks again with another token where one was refused, once', async () => {
    const renewed = withAnswers([401, 'token_expired'], { calls: [] });
    expect(await renewed.client.listCalls()).toEqual([]);
    expect(renewed.sent.map((s) => s.authorization)).toEqual([
      'Bearer fresh',
      'Bearer fresh after token_expired',
    ]);
    const refused = withAnswers([401, 'token_invalid'], [401, 'token_invalid']);
    await expect(refused.client.listCalls()).rejects.toMatchObject({ code: 'token_invalid' });
    expect(refused.sent).toHaveLength(2);
  });

  it('wants the call it made last in the list', async () => {
    const { client, sent } = withAnswers({ callId, seq: 1, url: `/c/${callId}` }, { calls: [] });
    await client.createCall();
    await client.listCalls({ limit: 5 });
    const query = new URL(sent[1]!.url).searchParams;
    expect(Object.fromEntries(query)).toEqual({ limit: '5', atLeast: `${callId}:1` });
  });

  it('reads all pages of events', async () => {
    const { client, sent } = withAnswers(
      { callId, events: [created], next: 1 },
      { callId, events: [{ ...created, sequence: 2 }] },
    );
    const pages = [];
    for await (const page of client.getEvents(callId)) pages.push(page.map((e) => e.sequence));
    expect(pages).toEqual([[1], [2]]);
    expect(sent.map((s) => new URL(s.url).search)).toEqual(['?after=0', '?after=1']);
  });
});

describe('UUIDv7', () => {
  it('begins with its time and is random otherwise', () => {
    const id = uuidV7(0x0123_4567_89ab);
    expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidV7(1)).not.toBe(uuidV7(1));
  });
});
