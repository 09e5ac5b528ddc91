import {
  callId,
  created,
  ended,
  fact,
  history,
  host,
  joined,
  left,
  locked,
  sdp,
  second,
  third,
  uuid,
  type Fact,
} from '@ringback/domain/testing';
import { fold } from '@ringback/domain';
import type { Outcome } from '@ringback/link';
import { makeLogger, makeMetrics, ManualClock, seededIds } from '@ringback/runtime';
import {
  type CallEvent,
  limits as callLimits,
  reject,
  type CallView,
  type Command,
  type Rejection,
  type ServerMessage,
} from '@ringback/schemas';
import { describe, expect, it, vi } from 'vitest';
import { limits } from './limits.ts';
import { makeEdgeMetrics } from './metrics.ts';
import type { SessionPorts } from './session-ports.ts';
import { Session } from './session.ts';
import type { Recipient } from './call-feed.ts';

type State = { state: CallView; stateHash: string } | Rejection;

/** One connected session; what it asks of the platform is answered by hand. */
async function stage() {
  const said: ServerMessage[] = [];
  const closed: number[] = [];
  const commands: Command[] = [];
  const withdrawn: string[] = [];
  const attached = new Set<Recipient>();
  const states: ((state: State) => void)[] = [];
  const clock = new ManualClock(0);
  const stored: CallEvent[] = [];
  let submit = (): Promise<Outcome> => Promise.resolve({ ok: true, seq: 2 });
  const identity = { userId: host.userId, tenantId: 'default', expiresAt: Infinity, roomJoin: true };
  const tokens = new Map<string, object>([['x', identity]]);
  const ports = {
    clock,
    ids: seededIds(1),
    logger: makeLogger('test', 'silent'),
    metrics: makeEdgeMetrics(makeMetrics('test'), { followedCalls: () => 0, pendingCommands: () => 0 }),
    tokens: { verify: async (token: string) => tokens.get(token) ?? reject('token_invalid') },
    link: {
      ref: 'edge-1/1',
      submit: (command: Command) => {
        commands.push(command);
        return submit();
      },
      withdraw: (command: Command) => void withdrawn.push(command.type),
      insist: (command: Command) => {
        commands.push(command);
        return Promise.resolve({ ok: true, seq: 3 });
      },
    },
    reader: {
      state: () => new Promise<State>((resolve) => states.push(resolve)),
      events: async (_: string, after: number) => stored.filter((e) => e.sequence > after),
    },
    feeds: {
      attach: async (recipient: Recipient) => {
        attached.add(recipient);
        return true;
      },
      detach: (recipient: Recipient) => void attached.delete(recipient),
    },
    people: { enter: () => ({}), leave: () => {}, look: () => {}, follow: async () => [] },
    telemetry: { refused: () => {} },
    iceServers: () => [],
  };
  const socket = {
    send: (text: string) => said.push(JSON.parse(text) as ServerMessage),
    close: ({ code }: { code: number }) => closed.push(code),
  };
  const session = new Session(socket, 'localhost', ports as unknown as SessionPorts);
  let messages = 0;
  /** The message's id. */
  const tell = (message: object) => {
    const id = uuid(++messages);
    session.receive(JSON.stringify({ id, ...message }));
    return id;
  };
  const reply = (id: string) =>
    vi.waitFor(() => {
      const found = said.find((m) => m.type === 'reply' && m.id === id);
      expect(found).toBeDefined();
      return found;
    });
  tell({ type: 'connect', protocol: 1, token: 'x' });
  await vi.waitFor(() => expect(said[0]?.type).toBe('connected'));
  const answer = (view: CallView) => states.shift()?.({ state: view, stateHash: '' });
  const onSubmit = (task: typeof submit) => (submit = task);
  /** From now on there is such a token. */
  const issue = (token: string, claims: object) => void tokens.set(token, { ...identity, ...claims });
  return {
    session,
    clock,
    issue,
    stored,
    said,
    closed,
    commands,
    withdrawn,
    attached,
    states,
    tell,
    reply,
    answer,
    onSubmit,
  };
}

const call = (n: number) => callId.slice(0, -4) + String(n).padStart(4, '0');
const watch = (id: string) => ({ type: 'watch', callId: id, after: 0 });
const { participantId, instanceId, displayName } = host;
const join = (after?: number) => ({
  type: 'call.join',
  callId,
  data: { participantId, instanceId, displayName },
  ...(after === undefined ? {} : { after }),
});
const settled = () => new Promise((resolve) => setImmediate(resolve));
const viewOf = (...facts: readonly Fact[]) => fold(history(...facts)).view!;

describe('watching', () => {
  it('takes its place at once, however many are asked for together', async () => {
    const on = await stage();
    const ids = Array.from({ length: limits.callsPerSocketMax + 1 }, (_, n) => on.tell(watch(call(n))));
    expect(await on.reply(ids.at(-1)!)).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    expect(on.states).toHaveLength(limits.callsPerSocketMax);
    on.states[0]!(reject('call_unknown'));
    await on.reply(ids[0]!);
    // Its place is free again.
    on.tell(watch(call(99)));
    expect(on.states).toHaveLength(limits.callsPerSocketMax + 1);
  });

  it('that is ended while it is asked for stays ended', async () => {
    const on = await stage();
    const asked = on.tell(watch(callId));
    await on.reply(on.tell({ type: 'unwatch', callId }));
    on.answer(viewOf(created()));
    expect(await on.reply(asked)).toMatchObject({ ok: true, seq: 1 });
    await settled();
    expect(on.attached.size).toBe(0);
    await on.reply(on.tell({ type: 'unwatch', callId }));
  });

  it('asked for twice follows once', async () => {
    const on = await stage();
    const asked = [on.tell(watch(callId)), on.tell(watch(callId))];
    on.answer(viewOf(created()));
    on.answer(viewOf(created()));
    for (const id of asked) expect(await on.reply(id)).toMatchObject({ ok: true });
    await settled();
    expect(on.attached.size).toBe(1);
    on.session.closed('socket-closed');
    expect(on.attached.size).toBe(0);
  });
});

describe('joining', () => {
  const mine = (sessionId: string) => joined({ ...host, sessionId });

  it('shows the call, and follows it', async () => {
    const on = await stage();
    await on.reply(on.tell(join()));
    on.answer(viewOf(created(), mine(on.session.sessionId)));
    await vi.waitFor(() => expect(on.attached.size).toBe(1));
    expect(on.said.at(-1)).toMatchObject({ type: 'snapshot', seq: 2, resync: false });
  });

  it('gets with the snapshot what came for it alone since its join', async () => {
    const on = await stage();
    await on.reply(on.tell(join()));
    const offer = (to: string) =>
      fact('call.offer.sent', { from: second.participantId, to, connectionId: 'a~b', sdp });
    const { sessionId } = on.session;
    const facts = [created(), mine(sessionId), offer(host.participantId), offer(third.participantId), locked];
    on.stored.push(...history(...facts, offer(host.participantId)));
    on.answer(viewOf(...facts));
    await vi.waitFor(() => expect(on.attached.size).toBe(1));
    const snapshot = on.said.find((m) => m.type === 'snapshot');
    expect(snapshot?.addressed?.map((e) => e.sequence)).toEqual([3]);
  });

  it.each([
    ['left', (sessionId: string) => [mine(sessionId), left(host)]],
    ['ended', (sessionId: string) => [mine(sessionId), left(host, 'call-ended'), ended('host', host)]],
    ['never in by this session', () => [joined(second)]],
  ])('a call that it is out of by now (%s) shows it, and follows nothing', async (_, facts) => {
    const on = await stage();
    await on.reply(on.tell(join()));
    on.answer(viewOf(created(), ...facts(on.session.sessionId)));
    await vi.waitFor(() => expect(on.said.at(-1)?.type).toBe('snapshot'));
    await settled();
    expect([on.attached.size, on.closed]).toEqual([0, []]);
    // It is in no call that its end would have to be told to.
    on.session.closed('socket-closed');
    expect(on.commands.map((c) => c.type)).toEqual(['call.join']);
  });

  it('a call that another session took over meanwhile ends this one', async () => {
    const on = await stage();
    await on.reply(on.tell(join()));
    on.answer(viewOf(created(), joined({ ...host, instanceId: uuid(0x777) })));
    await vi.waitFor(() => expect(on.closed).toEqual([4003]));
    expect(on.attached.size).toBe(0);
  });

  it('a page whose own earlier session was heard after this one comes back, and is not put out', async () => {
    const on = await stage();
    await on.reply(on.tell(join()));
    on.answer(viewOf(created(), joined(host)));
    await vi.waitFor(() => expect(on.closed).toEqual([4201]));
    expect(on.attached.size).toBe(0);
  });

  it('a join without an answer is withdrawn with its socket: later it would put out the next session', async () => {
    const on = await stage();
    on.onSubmit(() => new Promise(() => {}));
    on.tell(join());
    on.session.closed('socket-closed');
    expect(on.withdrawn).toEqual(['call.join']);
  });

  it('where the state can not be had ends the session, which comes back', async () => {
    const on = await stage();
    await on.reply(on.tell(join()));
    on.states.shift()!(reject('overloaded'));
    await vi.waitFor(() => expect(on.closed).toEqual([4201]));
  });
});

describe('a token that ends', () => {
  const renew = (token: string) => ({ type: 'token.renew', token });
  const lifeMs = 600_000;
  /** As the heartbeat does. */
  const pass = (on: Awaited<ReturnType<typeof stage>>, ms: number) => {
    for (const end = on.clock.now() + ms; on.clock.now() < end; on.session.look())
      on.clock.advance(limits.heartbeatMs / 4);
  };
  const kinds = (on: Awaited<ReturnType<typeof stage>>) => on.said.map(({ type }) => type);

  it('is told of in time, renewed on the same socket, and what is followed goes on', async () => {
    const on = await stage();
    on.issue('short', { expiresAt: lifeMs });
    on.issue('next', { expiresAt: 10 * lifeMs });
    await on.reply(on.tell(join()));
    on.answer(viewOf(created(), joined({ ...host, sessionId: on.session.sessionId })));
    await vi.waitFor(() => expect(on.attached.size).toBe(1));
    const first = on.tell(renew('short'));
    await vi.waitFor(() =>
      expect(on.said.at(-1)).toEqual({ type: 'token.renewed', id: first, expiresAt: lifeMs }),
    );
    pass(on, lifeMs - limits.tokenExpiringMs);
    expect(on.said.at(-1)).toMatchObject({ type: 'token.expiring', expiresAt: lifeMs });
    on.tell(renew('next'));
    await vi.waitFor(() => expect(kinds(on).filter((type) => type === 'token.renewed')).toHaveLength(2));
    pass(on, 2 * lifeMs);
    expect([on.closed, on.attached.size]).toEqual([[], 1]);
    expect(await on.reply(on.tell({ type: 'call.lock', callId, data: {} }))).toMatchObject({ ok: true });
  });

  it('and is not renewed ends the session, which does nothing any more', async () => {
    const on = await stage();
    on.issue('short', { expiresAt: lifeMs });
    on.issue('late', { expiresAt: 10 * lifeMs });
    on.tell(renew('short'));
    await vi.waitFor(() => expect(kinds(on)).toContain('token.renewed'));
    pass(on, lifeMs - 1);
    on.clock.advance(1);
    expect(on.closed).toEqual([4004]);
    const messages = [{ type: 'call.lock', callId, data: {} }, join(), watch(callId), renew('late')];
    for (const id of messages.map(on.tell))
      expect(await on.reply(id)).toMatchObject({ ok: false, error: { code: 'token_expired' } });
    expect(on.commands).toEqual([]);
  });

  it.each<[string, object | undefined, string]>([
    ['that is none', undefined, 'token_invalid'],
    ['of another user', { userId: 'other' }, 'token_mismatch'],
    ['of another tenant', { tenantId: 'other' }, 'token_mismatch'],
    ['for another call', { room: call(7) }, 'not_permitted'],
    ['that joins nothing', { roomJoin: false }, 'not_permitted'],
  ])('is not followed by one %s', async (_, claims, code) => {
    const on = await stage();
    if (claims !== undefined) on.issue('next', { expiresAt: lifeMs, ...claims });
    await on.reply(on.tell(join()));
    expect(await on.reply(on.tell(renew('next')))).toMatchObject({ ok: false, error: { code } });
    expect(on.closed).toEqual([]);
    expect(await on.reply(on.tell({ type: 'call.lock', callId, data: {} }))).toMatchObject({ ok: true });
  });

  it('of an administrator is not followed by one that could not read what is watched', async () => {
    const on = await stage();
    on.issue('admin', { roomAdmin: true });
    on.issue('plain', {});
    on.tell(renew('admin'));
    await vi.waitFor(() => expect(kinds(on)).toContain('token.renewed'));
    on.tell(watch(callId));
    await settled();
    const code = 'not_permitted';
    expect(await on.reply(on.tell(renew('plain')))).toMatchObject({ ok: false, error: { code } });
    await on.reply(on.tell({ type: 'unwatch', callId }));
    on.tell(renew('plain'));
    await vi.waitFor(() => expect(kinds(on).filter((type) => type === 'token.renewed')).toHaveLength(2));
  });

  it.each<[string, object]>([
    ["a guest's", { guest: true }],
    ['one for a call', { room: callId }],
  ])('of who hears of people is not followed by %s, before it hears of none', async (_, claims) => {
    const on = await stage();
    on.issue('less', claims);
    on.tell({ type: 'follow', users: ['u'] });
    const code = 'not_permitted';
    expect(await on.reply(on.tell(renew('less')))).toMatchObject({ ok: false, error: { code } });
    on.tell({ type: 'follow', users: [] });
    on.tell(renew('less'));
    await vi.waitFor(() => expect(kinds(on)).toContain('token.renewed'));
    expect(await on.reply(on.tell({ type: 'follow', users: ['u'] }))).toMatchObject({ error: { code } });
  });
});

describe('a fault of ours', () => {
  it('is told, and nothing else comes of it', async () => {
    const on = await stage();
    on.onSubmit(() => Promise.reject(new Error('a fault')));
    const id = on.tell({ type: 'call.lock', callId, data: {} });
    expect(await on.reply(id)).toMatchObject({ ok: false, error: { code: 'internal_error' } });
    on.onSubmit(() => Promise.resolve({ ok: true, seq: 7 }));
    expect(await on.reply(on.tell({ type: 'call.lock', callId, data: {} }))).toMatchObject({
      ok: true,
      seq: 7,
    });
  });
});

describe('a session', () => {
  it('has so many commands unanswered and no more: each repeat must still be known as one', async () => {
    expect(2 * limits.unansweredPerSessionMax).toBeLessThanOrEqual(callLimits.recentCommandsMax);
    const on = await stage();
    on.onSubmit(() => new Promise(() => {}));
    const leave = { type: 'call.lock', callId, data: {} };
    for (let n = 0; n < limits.unansweredPerSessionMax; n++) on.tell(leave);
    expect(await on.reply(on.tell(leave))).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    expect(on.commands).toHaveLength(limits.unansweredPerSessionMax);
  });

  it('makes the Call Server work only so often in a call that it is in', async () => {
    const on = await stage();
    const data = { direction: 'send', epoch: 1, state: 'failed', restart: true };
    const restart = () => on.tell({ type: 'call.transport', callId, data });
    // Elsewhere the owner refuses it.
    for (let n = 0; n < limits.costlyBurst; n++) await on.reply(restart());
    const joining = on.tell(join());
    await on.reply(joining);
    const ids = Array.from({ length: limits.costlyBurst + 1 }, restart);
    expect(await on.reply(ids.at(-1)!)).toMatchObject({ ok: false, error: { code: 'rate_limited' } });
    expect(await on.reply(ids.at(-2)!)).toMatchObject({ ok: true });
    expect(on.commands.filter(({ type }) => type === 'call.transport')).toHaveLength(2 * limits.costlyBurst);
  });

  it('gets the events of a call once: who joins stops watching, who is in does not watch', async () => {
    const on = await stage();
    const view = viewOf(created(), joined(host));
    on.tell(watch(callId));
    await settled();
    on.answer(view!);
    await vi.waitFor(() => expect(on.attached.size).toBe(1));
    const [watching] = on.attached;
    on.tell(join(2));
    await vi.waitFor(() => expect([...on.attached].some((r) => r !== watching)).toBe(true));
    expect(on.attached.has(watching!)).toBe(false);
    expect(await on.reply(on.tell(watch(callId)))).toMatchObject({
      ok: false,
      error: { code: 'invalid', field: 'callId' },
    });
  });
});
