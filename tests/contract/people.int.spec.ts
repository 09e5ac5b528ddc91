// Who is where, with two edge gateways, a calls worker and nats-server, each the process that a user runs.
import { randomUUID } from 'node:crypto';
import { systemIds } from '@ringback/runtime';
import { gatewayIdPattern, makeCallId, type ServerMessage, type UserPresence } from '@ringback/schemas';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tokenOf as tokenFor } from '../fuzz/target.ts';
import { CallsProcess } from '../support/calls-process.ts';
import { EdgeProcess } from '../support/edge-process.ts';
import { NatsServer } from '../support/nats-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { get, joinAs, post, WsClient } from '../support/ws-client.ts';

let nats: NatsServer;
let calls: CallsProcess;
let one: EdgeProcess;
let two: EdgeProcess;
const clients: WsClient[] = [];

beforeAll(async () => {
  nats = await NatsServer.start();
  calls = new CallsProcess('calls-1', nats.url, 1);
  const env = (n: number) => ({
    RINGBACK_PARTITIONS: '1',
    RINGBACK_PUBLIC_URL: `https://edge-${n}.example.org`,
  });
  [one, two] = await Promise.all([
    EdgeProcess.start('edge-1', nats.url, env(1)),
    EdgeProcess.start('edge-2', nats.url, env(2)),
  ]);
  // Until each has heard the other, and long enough to know that there are no more.
  await waitFor(async () => {
    const lists = await Promise.all([one, two].map((edge) => presences(edge, app, 'nobody')));
    const heard = await Promise.all(
      [one, two].map(({ url }) => fetch(`${url}/readyz`).then((r) => r.text())),
    );
    return lists.every(({ complete }) => complete) && heard.every((text) => text.includes('edge-1, edge-2'));
  }, 'the gateways to know each other');
}, 90_000);

afterAll(async () => {
  for (const client of clients) client.close();
  await Promise.all([one.kill(), two.kill(), calls.kill()]);
  await nats.stop();
});

const all = { roomJoin: true, roomCreate: true, roomList: true };
const tokenOf = (sub: string, tenant: 'default' | 'other' = 'default') =>
  tokenFor(tenant, { sub, video: all });
const app = tokenFor('default', { sub: 'app', video: { roomAdmin: true } });

async function device(edge: EdgeProcess, userId: string, tenant?: 'other'): Promise<WsClient> {
  const client = await WsClient.open(edge.url, tokenOf(userId, tenant));
  clients.push(client);
  return client;
}

type Presences = { users: UserPresence[]; complete: boolean };
const presences = (edge: EdgeProcess, token: string, ...users: string[]) =>
  get<Presences>(`${edge.url}/v1/presence?${users.map((u) => `users=${u}`).join('&')}`, token);
const send = (edge: EdgeProcess, userId: string, data: unknown, token = app) =>
  post<{ sessions?: number; complete?: boolean; code?: string }>(
    `${edge.url}/v1/users/${encodeURIComponent(userId)}/messages`,
    { message: { type: 'note', data } },
    token,
  );

/** Asks to follow, and waits for the answer. */
async function follow(client: WsClient, ...users: string[]): Promise<UserPresence[]> {
  const id = randomUUID();
  client.send({ type: 'follow', id, users });
  const answer = await waitFor(() => client.of('presence').find((m) => m.id === id), 'the presence');
  return answer.users;
}

/** All that it heard of one user since it followed, in order. */
const heardOf = (client: WsClient, userId: string) =>
  client
    .of('presence')
    .filter(({ id }) => id === undefined)
    .flatMap(({ users }) => users)
    .filter((user) => user.userId === userId)
    .map(({ presence }) => presence);

const notes = (client: WsClient) =>
  client.of('message').map((m: Extract<ServerMessage, { type: 'message' }>) => m.message.data);

it('a message reaches every device of its user, and no other tenant', async () => {
  const [phone, laptop] = [await device(one, 'a@example.org'), await device(two, 'a@example.org')];
  const namesake = await device(two, 'a@example.org', 'other');
  for (const edge of [one, two])
    expect(await send(edge, 'a@example.org', edge.name)).toMatchObject({ sessions: 2, complete: true });
  for (const client of [phone, laptop])
    await waitFor(() => notes(client).length === 2, 'both messages at both devices');
  expect(notes(phone)).toEqual(['edge-1', 'edge-2']);
  expect(phone.of('message')[0]).toMatchObject({ from: 'app', message: { type: 'note', data: 'edge-1' } });
  // What was sent to it later is here: so whatever else was to come would be.
  const theirs = tokenFor('other', { sub: 'app', video: { roomAdmin: true } });
  expect(await send(one, 'a@example.org', 'theirs', theirs)).toMatchObject({ sessions: 1, complete: true });
  await waitFor(() => notes(namesake).length > 0, 'the message of the other tenant');
  expect(notes(namesake)).toEqual(['theirs']);
  expect(notes(phone)).toHaveLength(2);
  expect(await send(one, 'nobody', 1)).toMatchObject({ sessions: 0, complete: true });
});

it('who may not is refused, with a reason', async () => {
  const guest = await post<{ token: string }>(`${one.url}/v1/guests`, { displayName: 'Guest' });
  const oneCall = tokenFor('default', { sub: 'b', video: { ...all, roomAdmin: true, room: 'x' } });
  for (const token of [guest.token, oneCall]) {
    expect(await presences(one, token, 'a')).toMatchObject({ code: 'not_permitted' });
    const client = await WsClient.open(one.url, token);
    clients.push(client);
    expect(await client.ask({ type: 'follow', users: ['a'] })).toMatchObject({
      error: { code: 'not_permitted' },
    });
  }
  for (const token of [tokenOf('b'), guest.token, oneCall])
    expect(await send(one, 'a', 1, token)).toMatchObject({ code: 'not_permitted' });
  expect(await post(`${one.url}/v1/connect`, { callId: '00-nothing' }, app)).toMatchObject({
    code: 'invalid',
  });
  expect(await presences(one, app)).toMatchObject({ code: 'invalid', field: 'users' });
  const deep = JSON.parse('['.repeat(3_000) + ']'.repeat(3_000)) as unknown;
  expect(await send(one, 'a', deep)).toMatchObject({ code: 'invalid', field: 'message.data' });
  expect(await send(one, 'a', 'x'.repeat(20_000))).toMatchObject({ code: 'too_large' });
});

it('the people of a call are sent to one gateway, whichever is asked', async () => {
  const gateways = new Set<string>();
  for (let n = 0; n < 30; n++) {
    const callId = makeCallId(0, systemIds.uuidV7(Date.now()));
    const places = await Promise.all(
      [one, two].map(({ url }) =>
        post<{ gateway: string; url: string; region: string }>(
          `${url}/v1/connect`,
          { callId },
          tokenOf(`u${n}`),
        ),
      ),
    );
    expect(places[0]).toEqual(places[1]);
    const { gateway, url } = places[0]!;
    expect(gateway).toMatch(gatewayIdPattern);
    expect(url).toBe(`wss://${gateway}.example.org/v1/ws`);
    gateways.add(gateway);
  }
  expect([...gateways].sort()).toEqual(['edge-1', 'edge-2']);
});

it('the devices of a gateway that is killed are offline, their users elsewhere are not, and calls hear of it', async () => {
  const watcher = await device(one, 'watcher');
  const stranger = await device(one, 'watcher', 'other');
  const [both, second] = [await device(one, 'both'), await device(two, 'both')];
  const lost = await device(two, 'lost');
  const callId = (await post<{ callId: string }>(`${one.url}/v1/calls`, {}, tokenOf('both'))).callId;
  const [mine, theirs] = [randomUUID(), randomUUID()];
  expect(await both.ask(joinAs(callId, mine, 'Host'))).toMatchObject({ ok: true });
  expect(await lost.ask(joinAs(callId, theirs, 'Guest'))).toMatchObject({ ok: true });
  const [inCall, offline] = ['in-call', 'offline'] as const;
  expect(await follow(watcher, 'both', 'lost', 'late')).toEqual([
    { userId: 'both', presence: inCall },
    { userId: 'lost', presence: inCall },
    { userId: 'late', presence: offline },
  ]);
  expect(await follow(stranger, 'both', 'lost')).toEqual([
    { userId: 'both', presence: offline },
    { userId: 'lost', presence: offline },
  ]);
  const late = await device(two, 'late');
  await waitFor(() => heardOf(watcher, 'late').length > 0, 'one that comes');
  late.send({ type: 'away', id: randomUUID(), away: true });
  await waitFor(() => heardOf(watcher, 'late').length > 1, 'one that is away');
  expect(heardOf(watcher, 'late')).toEqual(['online', 'away']);

  await two.kill();
  await waitFor(() => second.closed !== undefined && lost.closed !== undefined, 'the sockets to break');
  await waitFor(() => heardOf(watcher, 'lost').length > 0, 'the news that they are gone');
  expect(heardOf(watcher, 'lost')).toEqual([offline]);
  expect(heardOf(watcher, 'late')).toEqual(['online', 'away', offline]);
  expect(heardOf(watcher, 'both')).toEqual([]);
  expect(heardOf(stranger, 'both')).toEqual([]);
  expect(await presences(one, app, 'both', 'lost')).toEqual({
    users: [
      { userId: 'both', presence: inCall },
      { userId: 'lost', presence: offline },
    ],
    complete: true,
  });
  expect(await send(one, 'both', 'after')).toMatchObject({ sessions: 1, complete: true });
  expect(await post(`${one.url}/v1/connect`, { callId }, app)).toMatchObject({ gateway: 'edge-1' });
  // The owner of the call finds out by itself.
  const gone = await waitFor(
    () => both.deliveries(callId).find(({ event }) => event.type === 'call.participant.disconnected'),
    'the call to hear of it',
  );
  expect(gone.event.data).toMatchObject({ participantId: theirs, reason: 'gateway-lost' });
});
