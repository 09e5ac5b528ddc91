import { randomUUID } from 'node:crypto';
import { readCall, stateHash } from '@ringback/eventlog';
import { foldCall } from '@ringback/domain';
import type { CallEvent } from '@ringback/schemas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  LossyBus,
  memoryStage,
  MortalWorker,
  natsStage,
  startEdge,
  type RunningEdge,
  type Stage,
} from '../support/stage.ts';
import { waitFor } from '../support/wait-for.ts';
import { faultsOf, get, joinAs, post, WsClient } from '../support/ws-client.ts';

/** One call with two people in it, and everything that a take-over must not change. Run on both logs. */
describe.each([
  ['memory', memoryStage],
  ['JetStream', natsStage],
])('take-over on %s', (_, open: () => Promise<Stage>) => {
  let stage: Stage;
  let edge: RunningEdge;
  const workers: MortalWorker[] = [];
  let callId: string;
  let a: WsClient;
  let b: WsClient;
  let tokenA: string;
  let tokenB: string;
  let edgeBus: LossyBus;
  const [pa, pb] = [randomUUID(), randomUUID()];

  const startWorker = async () => {
    const worker = await MortalWorker.start(stage);
    workers.push(worker);
    return worker;
  };
  const facts = async () => {
    const events: CallEvent[] = [];
    for await (const event of readCall(stage.log, callId)) events.push(event);
    return events;
  };
  /** Everything in the log that this participant may see came to it once, in order. */
  const expectWhole = async (client: WsClient, me: string) => {
    const visible = (await facts()).filter((e) => !('to' in e.data) || e.data.to === me);
    const start = client.of('snapshot')[0]!.seq;
    const due = visible.filter((e) => e.sequence > start).map((e) => e.sequence);
    await waitFor(() => client.deliveries(callId).length >= due.length, 'all deliveries');
    expect(client.deliveries(callId).map((d) => d.seq)).toEqual(due);
    expect(faultsOf(client.deliveries(callId), start)).toEqual([]);
  };

  beforeEach(async () => {
    stage = await open();
    edgeBus = new LossyBus(await stage.newBus());
    edge = await startEdge(stage, 'edge-1', edgeBus);
    await startWorker();
    await waitFor(async () => (await fetch(`${edge.url}/readyz`)).status === 200, 'an owner');
    const [guestA, guestB] = await Promise.all(
      ['A', 'B'].map((displayName) => post<{ token: string }>(`${edge.url}/v1/guests`, { displayName })),
    );
    tokenA = guestA!.token;
    tokenB = guestB!.token;
    ({ callId } = await post<{ callId: string }>(`${edge.url}/v1/calls`, {}, tokenA));
    a = await WsClient.open(edge.url, tokenA);
    b = await WsClient.open(edge.url, guestB!.token);
    expect(await a.ask(joinAs(callId, pa, 'A'))).toMatchObject({ ok: true, seq: 2 });
    expect(await b.ask(joinAs(callId, pb, 'B'))).toMatchObject({ ok: true, seq: 3 });
    await waitFor(() => b.of('snapshot').length === 1, 'the snapshot');
  });

  afterEach(async () => {
    a.close();
    b.close();
    await edge.edge.close();
    await Promise.all(workers.splice(0).map((w) => w.stop()));
    await stage.close();
  });

  const publish = (trackId: string) => ({
    type: 'call.publish',
    callId,
    data: { track: { trackId, kind: 'audio', source: 'microphone', muted: false } },
  });
  const toggle = (i: number) => ({
    type: i % 2 === 0 ? 'call.mute' : 'call.unmute',
    callId,
    data: { trackId: 't' },
  });

  it('killed between acknowledgement and feed: every client gets every event, once, in order', async () => {
    await a.ask(publish('t'));
    const dead = workers[0]!.killAfterNextAck();
    const pending = a.ask(toggle(0));
    await dead;
    await startWorker();
    // The sender is told by the new owner what the old one could not say.
    expect(await pending).toMatchObject({ ok: true, seq: 5 });
    for (let i = 1; i < 10; i++) expect(await a.ask(toggle(i))).toMatchObject({ ok: true, seq: 5 + i });
    await expectWhole(a, pa);
    await expectWhole(b, pb);
  });

  it('an offer on its way when the owner dies reaches its addressee once, and nobody else', async () => {
    const dead = workers[0]!.killAfterNextAck();
    const pending = a.ask({
      type: 'call.offer',
      callId,
      data: { to: pb, connectionId: 'c', sdp: 'v=0\r\n' },
    });
    await dead;
    await startWorker();
    expect(await pending).toMatchObject({ ok: true });
    await waitFor(() => b.deliveries(callId).some((d) => d.event.type === 'call.offer.sent'), 'the offer');
    expect((await facts()).filter((e) => e.type === 'call.offer.sent')).toHaveLength(1);
    expect(a.deliveries(callId).filter((d) => d.event.type === 'call.offer.sent')).toEqual([]);
    await expectWhole(b, pb);
  });

  it('the same command id twice: one effect, the same reply', async () => {
    const id = randomUUID();
    const first = await a.ask(publish('t'), id);
    a.heard.length = 0;
    const second = await a.ask(publish('t'), id);
    expect(second).toEqual(first);
    expect((await facts()).filter((e) => e.causationid === id)).toHaveLength(1);
  });

  it('the same command id again after a take-over: one effect, the same reply', async () => {
    const id = randomUUID();
    const first = await a.ask(publish('t'), id);
    await a.ask(toggle(0));
    workers[0]!.kill();
    await startWorker();
    a.heard.length = 0;
    const second = await a.ask(publish('t'), id);
    expect(second).toEqual(first);
    expect((await facts()).filter((e) => e.causationid === id)).toHaveLength(1);
  });

  it('the same command sent twice at once: one effect, both senders hear the same', async () => {
    const id = randomUUID();
    a.send({ id, ...publish('t') });
    a.send({ id, ...publish('t') });
    await waitFor(() => a.of('reply').filter((r) => r.id === id).length === 2, 'both replies');
    const replies = a.of('reply').filter((r) => r.id === id);
    expect(replies[1]).toEqual(replies[0]);
    expect((await facts()).filter((e) => e.causationid === id)).toHaveLength(1);
  });

  it('killed under load, again and again: nothing acknowledged is missing, nothing comes twice', async () => {
    await a.ask(publish('t'));
    const acked: { id: string; seq: number }[] = [];
    let sending = true;
    const sender = (async () => {
      for (let i = 0; sending; i++) {
        const id = randomUUID();
        const reply = await a.ask(toggle(i), id);
        expect(reply).toMatchObject({ ok: true });
        if (reply.ok) acked.push({ id, seq: reply.seq });
      }
    })();
    for (let round = 0; round < 3; round++) {
      const goal = acked.length + 20;
      await waitFor(() => acked.length >= goal, 'acknowledgements');
      if (round % 2 === 0) workers.at(-1)!.kill();
      else await workers.at(-1)!.killAfterNextAck();
      await startWorker();
    }
    const goal = acked.length + 20;
    await waitFor(() => acked.length >= goal, 'acknowledgements');
    sending = false;
    await sender;
    const events = await facts();
    expect(events.map((e) => e.sequence)).toEqual(events.map((_, i) => i + 1));
    for (const { id, seq } of acked) expect(events[seq - 1]?.causationid).toBe(id);
    expect(new Set(events.map((e) => e.causationid)).size).toBe(events.length);
    await expectWhole(a, pa);
    await expectWhole(b, pb);
  });

  it("a fold of the log gives the owner's own state hash, before and after a take-over", async () => {
    await a.ask(publish('t'));
    const url = `${edge.url}/v1/calls/${callId}`;
    const before = await get<{ stateHash: string }>(url, tokenA);
    expect(stateHash(foldCall(await facts())!)).toBe(before.stateHash);
    workers[0]!.kill();
    await startWorker();
    const after = await waitFor(async () => {
      const answer = await get<{ stateHash?: string }>(url, tokenA);
      return answer.stateHash !== undefined && answer;
    }, 'the new owner to answer');
    expect(after.stateHash).toBe(before.stateHash);
  });

  it('a client that lost its socket gets exactly what it missed, on another gateway', async () => {
    await a.ask(publish('t'));
    await waitFor(() => b.deliveries(callId).length === 1, 'the first event');
    const held = b.deliveries(callId).at(-1)!.seq;
    b.close();
    // Among what is missed: something that is for b alone, and something that is not for b.
    for (let i = 0; i < 6; i++) await a.ask(toggle(i));
    await a.ask({ type: 'call.offer', callId, data: { to: pb, connectionId: 'c', sdp: 'v=0\r\n' } });
    const c = await WsClient.open(
      edge.url,
      (await post<{ token: string }>(`${edge.url}/v1/guests`, { displayName: 'C' })).token,
    );
    const pc = randomUUID();
    expect(await c.ask(joinAs(callId, pc, 'C'))).toMatchObject({ ok: true });
    await a.ask({ type: 'call.offer', callId, data: { to: pc, connectionId: 'd', sdp: 'v=0\r\n' } });

    const second = await startEdge(stage, 'edge-2');
    const back = await WsClient.open(second.url, tokenB);
    expect(await back.ask(joinAs(callId, pb, 'B', held))).toMatchObject({ ok: true });
    const due = (await facts())
      .filter((e) => e.sequence > held && (!('to' in e.data) || e.data.to === pb))
      .map((e) => e.sequence);
    await waitFor(() => back.deliveries(callId).length >= due.length, 'what was missed');
    expect(back.deliveries(callId).map((d) => d.seq)).toEqual(due);
    expect(faultsOf(back.deliveries(callId), held)).toEqual([]);
    expect(back.of('snapshot')).toEqual([]);
    const types = (await facts()).filter((e) => e.sequence > held).map((e) => e.type);
    expect(types).toContain('call.participant.disconnected');
    expect(types).toContain('call.participant.reconnected');
    back.close();
    c.close();
    await second.edge.close();
  });

  it('the old socket of somebody who came back elsewhere is out of the call, and told so', async () => {
    const second = await startEdge(stage, 'edge-2');
    const back = await WsClient.open(second.url, tokenB);
    const join = joinAs(callId, pb, 'B');
    const anotherPage = { ...join, data: { ...join.data, instanceId: randomUUID() } };
    expect(await back.ask(anotherPage)).toMatchObject({ ok: true });
    await waitFor(() => b.closed, 'the old socket to be closed');
    expect(b.closed?.code).toBe(4003);
    expect((await facts()).filter((e) => e.type === 'call.participant.disconnected')).toEqual([]);
    back.close();
    await second.edge.close();
  });

  it("a lost batch: one person's commands take effect in the order they were sent", async () => {
    await a.ask(publish('t'));
    for (let round = 0; round < 5; round++) {
      const lost = edgeBus.loseNext(/^cmd\./);
      const first = a.ask(toggle(0));
      await lost;
      // In a later batch than the first, which never arrived.
      const second = a.ask(toggle(1));
      for (const reply of await Promise.all([first, second])) expect(reply).toMatchObject({ ok: true });
    }
    const state = foldCall(await facts())!;
    expect(state.participants[pa]!.tracks['t']!.muted).toBe(false);
    const order = (await facts())
      .map((e) => e.type)
      .filter((t) => t.startsWith('call.track.') && t !== 'call.track.published');
    expect(order).toEqual(Array.from({ length: 5 }, () => ['call.track.muted', 'call.track.unmuted']).flat());
  });
});
