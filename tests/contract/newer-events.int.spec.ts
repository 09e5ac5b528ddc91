import { randomUUID } from 'node:crypto';
import { readCall } from '@ringback/eventlog';
import type { CallEvent } from '@ringback/schemas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  memoryStage,
  MortalWorker,
  natsStage,
  startEdge,
  type RunningEdge,
  type Stage,
} from '../support/stage.ts';
import { waitFor } from '../support/wait-for.ts';
import { faultsOf, get, joinAs, post, WsClient } from '../support/ws-client.ts';

/** Newer code ran here and was taken back: what it wrote stands in the log, and this code has to live with it. */
describe.each([
  ['memory', memoryStage],
  ['JetStream', natsStage],
])('events of newer code on %s', (_, open: () => Promise<Stage>) => {
  let stage: Stage;
  let edge: RunningEdge;
  let worker: MortalWorker;
  let token: string;
  let callId: string;
  let a: WsClient;
  let b: WsClient;
  const [pa, pb] = [randomUUID(), randomUUID()];

  beforeEach(async () => {
    stage = await open();
    edge = await startEdge(stage);
    worker = await MortalWorker.start(stage);
    await waitFor(async () => (await fetch(`${edge.url}/readyz`)).status === 200, 'an owner');
    const guest = () => post<{ token: string }>(`${edge.url}/v1/guests`, { displayName: 'Guest' });
    ({ token } = await guest());
    callId = await newCall();
    a = await WsClient.open(edge.url, token);
    b = await WsClient.open(edge.url, (await guest()).token);
    expect(await a.ask(joinAs(callId, pa, 'A'))).toMatchObject({ ok: true, seq: 2 });
    expect(await b.ask(joinAs(callId, pb, 'B'))).toMatchObject({ ok: true, seq: 3 });
    await waitFor(() => b.of('snapshot').length === 1, 'the snapshot');
  });

  afterEach(async () => {
    a.close();
    b.close();
    await edge.edge.close();
    await worker.stop();
    await stage.close();
  });

  const newCall = async () => (await post<{ callId: string }>(`${edge.url}/v1/calls`, {}, token)).callId;
  const eventsOf = async () =>
    (await get<{ events: CallEvent[] }>(`${edge.url}/v1/calls/${callId}/events`, token)).events;

  /** The worker goes, newer code writes this behind what is there, and the worker that was is back. */
  async function writtenByNewerCode(...more: { type: string; schemaversion: number; data: object }[]) {
    const head = (await eventsOf()).at(-1)!;
    await worker.stop();
    const events = more.map((body, index) => {
      const sequence = head.sequence + index + 1;
      return { ...head, id: `${callId}/${sequence}`, sequence, causationid: randomUUID(), ...body };
    });
    const body = { kind: 'commit' as const, owner: 'newer', events: events as unknown as CallEvent[] };
    const stored = await stage.log.append({ partition: 0, body, id: 'newer.1', expected: undefined });
    expect(stored.kind).toBe('stored');
    worker = await MortalWorker.start(stage);
  }

  it('an unknown type is skipped: nothing stops, and every sequence stays without a gap', async () => {
    await writtenByNewerCode(
      { type: 'call.star.risen', schemaversion: 1, data: { brightness: 3 } },
      { type: 'call.whispered', schemaversion: 4, data: { to: pb, text: 'for B alone' } },
    );
    expect(await a.ask({ type: 'call.lock', callId, data: {} })).toMatchObject({ ok: true, seq: 6 });
    const types = (client: WsClient) => client.deliveries(callId).map((d) => d.event.type as string);
    await waitFor(
      () => [a, b].every((client) => types(client).includes('call.locked')),
      'both to hear of it',
    );
    expect(types(a).slice(-2)).toEqual(['call.star.risen', 'call.locked']);
    expect(types(b).slice(-3)).toEqual(['call.star.risen', 'call.whispered', 'call.locked']);
    for (const client of [a, b])
      expect(faultsOf(client.deliveries(callId), client.of('snapshot')[0]!.seq)).toEqual([]);
    expect((await eventsOf()).map((e) => e.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await get(`${edge.url}/v1/calls/${callId}`, token)).toMatchObject({
      seq: 6,
      state: { seq: 6, locked: true },
    });
  });

  it('an unknown version parks its call, and all others go on', async () => {
    await writtenByNewerCode({ type: 'call.locked', schemaversion: 2, data: { key: 'of another form' } });
    const unlock = { type: 'call.unlock', callId, data: {} };
    expect(await a.ask(unlock)).toMatchObject({ ok: false, error: { code: 'call_parked' } });
    expect(await get(`${edge.url}/v1/calls/${callId}`, token)).toMatchObject({ code: 'call_parked' });
    // Who may read it is not known any more; operators read the log.
    expect(await get(`${edge.url}/v1/calls/${callId}/events`, token)).toMatchObject({ code: 'call_parked' });
    const facts: CallEvent[] = [];
    for await (const event of readCall(stage.log, callId)) facts.push(event);
    expect(facts.map((e) => `${e.type} ${e.schemaversion}`).at(-1)).toBe('call.locked 2');
    const other = await newCall();
    expect(await a.ask(joinAs(other, randomUUID(), 'A'))).toMatchObject({ ok: true, seq: 2 });
  });
});
