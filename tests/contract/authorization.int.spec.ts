import { randomUUID } from 'node:crypto';
import {
  clientMessageTypes,
  httpOperations,
  type ClientMessage,
  type HttpOperation,
  type RejectionCode,
} from '@ringback/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpExamples, messageExamples } from '../../schemas/src/generate/examples.ts';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { waitFor } from '../support/wait-for.ts';
import type { WsClient } from '../support/ws-client.ts';

/**
 * Who may send which message about a call. A message type that is new needs its word here: without it neither the types
 * nor the first test hold.
 */
const needs = {
  watch: 'read',
  unwatch: 'nothing',
  tiles: 'signal',
  report: 'signal',
  follow: 'people',
  away: 'self',
  'token.renew': 'token',
  'call.join': 'enter',
  'call.leave': 'leave',
  'call.lock': 'host',
  'call.unlock': 'host',
  'call.end': 'host',
  'call.publish': 'member',
  'call.unpublish': 'member',
  'call.mute': 'member',
  'call.unmute': 'member',
  'call.offer': 'member',
  'call.answer': 'member',
  'call.candidate': 'member',
  'call.capabilities': 'member',
  'call.connection': 'member',
  'call.transport': 'member',
  'call.produce': 'member',
  'call.swapped': 'member',
  'call.bandwidth': 'member',
  'call.raise-hand': 'member',
  'call.lower-hand': 'member',
  'call.mute-participant': 'host',
  'call.remove': 'host',
} as const satisfies Record<Exclude<ClientMessage['type'], 'connect'>, string>;
type Type = keyof typeof needs;
type Need = (typeof needs)[Type];
/** `content`: whatever is said of the message itself, and not of who sends it. */
type Answer = RejectionCode | 'ok' | 'content';

const toAll = (answer: Answer, more: Partial<Record<Need, Answer>> = {}): Record<Need, Answer> => ({
  ...{ nothing: answer, read: answer, signal: answer, enter: answer, leave: answer, member: answer },
  ...{ host: answer, people: answer, self: answer, token: answer },
  ...more,
});
/** What is asked of the owner is the owner's to refuse; what is not, the gateway's. */
const outside = { nothing: 'ok', signal: 'not_in_call', people: 'ok', self: 'ok', token: 'content' } as const;
const answers = {
  'nobody yet': toAll('not_connected'),
  'somebody of another tenant': toAll('call_unknown', outside),
  'the administrator of another tenant': toAll('call_unknown', outside),
  'the holder of a token for another call': toAll('not_permitted', { ...outside, people: 'not_permitted' }),
  'the holder of a token without grants': toAll('not_permitted', outside),
  'somebody who is not in the call': toAll('not_in_call', { ...outside, read: 'not_permitted', enter: 'ok' }),
  'somebody in the call': toAll('content', { ...outside, signal: 'ok', host: 'not_host' }),
} as const;
type Who = keyof typeof answers;

const aboutWho: ReadonlySet<string> = new Set([
  ...['not_connected', 'not_permitted', 'not_in_call', 'not_host', 'token_expired', 'call_unknown'],
]);

let platform: InProcessPlatform;
let callId: string;
let hostId: string;
beforeAll(async () => {
  platform = await InProcessPlatform.start();
  callId = await platform.createCall(platform.token('host'));
  hostId = (await platform.join(callId, 'host')).participantId;
});
afterAll(() => platform.close());

/** In an order in which none takes from the next what that one needs. */
const order: readonly Type[] = [
  ...(Object.keys(needs) as Type[]).filter((type) => needs[type] !== 'enter' && needs[type] !== 'leave'),
  ...['call.leave' as const, 'call.join' as const],
];

/** The contract's own example, about this call and its people. */
function messageOf(type: Type, participantId: string): { type: string; [field: string]: unknown } {
  const { id: _, ...example } = messageExamples[type] as { id: string; data?: object; type: string };
  const toHost = type === 'call.remove' || type === 'call.mute-participant';
  const own = type === 'call.join' ? { participantId, instanceId: participantId } : {};
  const data = { ...example.data, ...own, ...(toHost ? { participantId: hostId } : {}) };
  return {
    ...example,
    ...('callId' in example ? { callId } : {}),
    ...(example.data === undefined ? {} : { data }),
  };
}

/** Whatever answers it: some messages have an answer of their own in place of a reply. */
async function said(client: WsClient, message: { type: string; [field: string]: unknown }) {
  const id = randomUUID();
  client.send({ id, ...message });
  const answer = await waitFor(
    () => client.heard.find((heard) => 'id' in heard && heard.id === id),
    `the answer to ${message.type}`,
  );
  return answer.type === 'reply' && !answer.ok ? answer.error.code : 'ok';
}

async function clientOf(who: Who, participantId: string): Promise<WsClient> {
  const all = { roomJoin: true, roomList: true, roomCreate: true };
  switch (who) {
    case 'nobody yet':
      return platform.client();
    case 'somebody of another tenant':
      return platform.client(platform.token('host', 'other'));
    case 'the administrator of another tenant':
      return platform.client(platform.token('host', 'other', { ...all, roomAdmin: true }));
    case 'the holder of a token for another call': {
      const room = await platform.createCall(platform.token('host'));
      return platform.client(platform.token('host', 'default', { ...all, roomAdmin: true, room }));
    }
    case 'the holder of a token without grants':
      return platform.client(platform.token('stranger', 'default', {}));
    case 'somebody who is not in the call':
      return platform.client(platform.token('stranger'));
    case 'somebody in the call': {
      const client = await platform.client(platform.token('guest'));
      expect(await client.ask(messageOf('call.join', participantId))).toMatchObject({ ok: true });
      return client;
    }
    default:
      return who satisfies never;
  }
}

describe('a message about a call', () => {
  it('has a rule, whatever its type', () => {
    expect(Object.keys(needs).sort()).toEqual([...clientMessageTypes].filter((t) => t !== 'connect').sort());
  });

  it.each(Object.keys(answers) as Who[])('by %s', async (who) => {
    const participantId = randomUUID();
    const client = await clientOf(who, participantId);
    const answered: Partial<Record<Type, Answer>> = {};
    for (const type of order) {
      const code = await said(client, messageOf(type, participantId));
      const isContent = answers[who][needs[type]] === 'content' && !aboutWho.has(code);
      answered[type] = isContent ? 'content' : code;
    }
    expect(answered).toEqual(Object.fromEntries(order.map((type) => [type, answers[who][needs[type]]])));
    expect(client.closed).toBeUndefined();
    client.close();
  });

  it('is refused to somebody who was removed, whatever it is', async () => {
    const own = await platform.createCall(platform.token('owner'));
    const { client: host } = await platform.join(own, 'owner');
    const { client, participantId } = await platform.join(own, 'removed');
    await host.ask({ type: 'call.remove', callId: own, data: { participantId } });
    await waitFor(
      () => client.deliveries(own).some(({ event }) => event.type === 'call.participant.left'),
      'the news',
    );
    for (const type of order) {
      // They took part, and may read what happened.
      if (['nothing', 'read', 'people', 'self', 'token'].includes(needs[type])) continue;
      const reply = await client.ask({ ...messageOf(type, participantId), callId: own });
      const code = needs[type] === 'enter' ? 'removed' : 'not_in_call';
      expect([type, reply]).toMatchObject([type, { ok: false, error: { code } }]);
    }
  });
});

/** What an operation of the HTTP API says to those who may not: absent where nobody is turned away. */
const operations = {
  createGuest: {},
  renewGuest: { none: 'token_missing' },
  createCall: { none: 'token_missing', ungranted: 'not_permitted' },
  listCalls: { none: 'token_missing', ungranted: 'not_permitted' },
  getCall: {
    none: 'token_missing',
    ungranted: 'not_permitted',
    otherTenant: 'call_unknown',
    otherCall: 'not_permitted',
  },
  getEvents: {
    none: 'token_missing',
    ungranted: 'not_permitted',
    otherTenant: 'call_unknown',
    otherCall: 'not_permitted',
  },
  getTelemetry: {
    none: 'token_missing',
    ungranted: 'not_permitted',
    otherTenant: 'call_unknown',
    otherCall: 'not_permitted',
  },
  getIceServers: { none: 'token_missing' },
  connect: { none: 'token_missing', otherCall: 'not_permitted' },
  getPresence: { none: 'token_missing', otherCall: 'not_permitted' },
  sendMessage: { none: 'token_missing', ungranted: 'not_permitted', otherCall: 'not_permitted' },
} as const satisfies Record<
  keyof typeof httpOperations,
  Partial<Record<'none' | 'ungranted' | 'otherTenant' | 'otherCall', RejectionCode>>
>;

describe('an operation of the HTTP API', () => {
  it.each(Object.entries(httpOperations) as [keyof typeof operations, HttpOperation][])(
    '%s refuses whom it should',
    async (name, { method, path }) => {
      const grants = { roomJoin: true, roomList: true, roomCreate: true, roomAdmin: true };
      const room = await platform.createCall(platform.token('host'));
      const tokens = {
        none: undefined,
        ungranted: platform.token('nobody', 'default', {}),
        otherTenant: platform.token('host', 'other', grants),
        otherCall: platform.token('host', 'default', { ...grants, room }),
      };
      expect(Object.keys(operations)).toContain(name);
      const { body } = httpExamples[name] as { body?: object };
      for (const [who, code] of Object.entries(operations[name]) as [keyof typeof tokens, RejectionCode][]) {
        const token = tokens[who];
        const response = await fetch(`${platform.url}${path.replace('{callId}', callId)}`, {
          method: method.toUpperCase(),
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        expect([who, ((await response.json()) as { code?: string }).code]).toEqual([who, code]);
      }
    },
  );
});
