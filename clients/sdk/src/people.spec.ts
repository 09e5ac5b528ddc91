import type { ServerMessage } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { RingbackClient } from './client.ts';
import { sdkLimits } from './limits.ts';
import { callId, FakeGateway, refused, uuid } from './testing/fake-gateway.ts';

async function connected(
  requests: { url: string; init: RequestInit | undefined }[] = [],
  answer: () => unknown = () => ({}),
) {
  const gateway = new FakeGateway();
  const fetch = async (url: string | URL | Request, init?: RequestInit) => {
    requests.push({ url: String(url), init });
    return Response.json(answer());
  };
  const client = new RingbackClient({
    url: 'https://meet.example.org',
    token: 'a-token',
    ports: { ...gateway.ports, fetch },
  });
  client.connect();
  return { gateway, client, socket: await gateway.accept() };
}

const presence = (userId: string, is: 'offline' | 'online' | 'in-call', id?: string): ServerMessage => ({
  type: 'presence',
  users: [{ userId, presence: is }],
  ...(id === undefined ? {} : { id }),
});
const message = (n: number): ServerMessage => ({
  type: 'message',
  messageId: uuid(n),
  from: 'app',
  sentAt: n,
  message: { type: 'note', data: n },
});

describe('people', () => {
  it('a list for which there is no room now is said again, unless there is another one', async () => {
    const { gateway, client, socket } = await connected();
    const codes: string[] = [];
    client.people.on('refused', ({ code }) => codes.push(code));
    const follows = () => socket.all('follow').length;
    client.people.follow(['a']);
    socket.deliver(refused(socket.last('follow').id, 'overloaded'));
    await gateway.clock.pass(sdkLimits.backoffMsMax);
    expect([codes, follows(), socket.last('follow').users]).toEqual([['overloaded'], 2, ['a']]);
    socket.deliver(refused(socket.last('follow').id, 'overloaded'));
    client.people.follow(['b']);
    await gateway.clock.pass(sdkLimits.backoffMsMax);
    expect([follows(), socket.last('follow').users]).toEqual([3, ['b']]);
    socket.deliver(refused(socket.last('follow').id, 'not_permitted'));
    await gateway.clock.pass(sdkLimits.backoffMsMax);
    expect([codes, follows()]).toEqual([['overloaded', 'overloaded', 'not_permitted'], 3]);
  });

  it('who is followed is heard of when it changes, after a reconnect too', async () => {
    const { gateway, client, socket } = await connected();
    const heard: string[] = [];
    client.people.on('presence', (user) => heard.push(`${user.userId} ${user.presence}`));
    client.people.follow(['a', 'b']);
    expect(socket.last('follow').users).toEqual(['a', 'b']);
    socket.deliver(presence('a', 'online', socket.last('follow').id), presence('b', 'in-call'));
    socket.fail();
    await gateway.clock.pass(250);
    const second = await gateway.accept();
    expect(second.last('follow').users).toEqual(['a', 'b']);
    second.deliver(presence('a', 'online', second.last('follow').id), presence('b', 'offline'));
    expect(heard).toEqual(['a online', 'b in-call', 'b offline']);
    expect(['a', 'b', 'c'].map((id) => client.people.presenceOf(id))).toEqual([
      'online',
      'offline',
      undefined,
    ]);
    client.people.follow(['a']);
    second.deliver(presence('b', 'online'));
    expect([heard.length, client.people.presenceOf('b')]).toEqual([3, undefined]);
  });

  it('lists that change quickly are told once a second, and a refusal is told', async () => {
    const { gateway, client, socket } = await connected();
    const codes: string[] = [];
    client.people.on('refused', ({ code }) => codes.push(code));
    for (let n = 0; n <= 10; n++) client.people.follow([`user-${n}`]);
    expect(socket.all('follow').map(({ users }) => users)).toEqual([['user-0']]);
    await gateway.clock.pass(sdkLimits.followMs);
    expect(socket.all('follow').map(({ users }) => users)).toEqual([['user-0'], ['user-10']]);
    socket.deliver(refused(socket.last('follow').id, 'not_permitted'));
    expect(codes).toEqual(['not_permitted']);
  });

  it('away is said again on the next socket, until somebody is back', async () => {
    const { gateway, client, socket } = await connected();
    client.people.setAway(true);
    expect(socket.last('away').away).toBe(true);
    socket.fail();
    await gateway.clock.pass(250);
    const second = await gateway.accept();
    expect(second.last('away').away).toBe(true);
    client.people.setAway(false);
    second.fail();
    await gateway.clock.pass(500);
    expect((await gateway.accept()).all('away')).toEqual([]);
  });

  it('a message that is sent again is shown once, in a memory with a bound', async () => {
    const { client, socket } = await connected();
    const heard: unknown[] = [];
    client.people.on('message', (received) => heard.push(received.message.data));
    socket.deliver(message(1), message(1), message(2), message(1));
    expect(heard).toEqual([1, 2]);
    socket.deliver(...Array.from({ length: sdkLimits.messagesSeenMax }, (_, i) => message(i + 10)));
    socket.deliver(message(1));
    expect(heard).toHaveLength(sdkLimits.messagesSeenMax + 3);
  });

  it.each([
    ['wss://edge-2.example.org/v1/ws', 'https://edge-2.example.org'],
    ['ws://192.0.2.7:8080/v1/ws', 'http://192.0.2.7:8080'],
    ['/v1/ws', 'https://meet.example.org'],
  ])('a call gathers at %s: a client is made for %s', async (socket, url) => {
    const requests: { url: string; init: RequestInit | undefined }[] = [];
    const { client } = await connected(requests, () => ({ gateway: 'edge-2', region: 'local', url: socket }));
    expect(await client.people.gatherAt(callId)).toEqual({ gateway: 'edge-2', url });
    expect(requests.map((r) => [r.url, r.init?.body])).toEqual([
      ['https://meet.example.org/v1/connect', JSON.stringify({ callId })],
    ]);
  });

  it('asks and tells over HTTP, with ids as they may be', async () => {
    const requests: { url: string; init: RequestInit | undefined }[] = [];
    const { client } = await connected(requests);
    await client.people.getPresence(['a&b', 'c@d']);
    await client.people.sendMessage('a/b', { type: 'note' }, uuid(7));
    expect(requests.map(({ url }) => url)).toEqual([
      'https://meet.example.org/v1/presence?users=a%26b&users=c%40d',
      'https://meet.example.org/v1/users/a%2Fb/messages',
    ]);
    expect(requests[1]!.init?.body).toBe(JSON.stringify({ messageId: uuid(7), message: { type: 'note' } }));
  });
});
