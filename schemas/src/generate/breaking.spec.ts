import { describe, expect, it } from 'vitest';
import { breakingChanges, type AsyncApi, type OpenApi } from './breaking.ts';

const text = { type: 'string' };
const json = (schema: object) => ({ 'application/json': { schema } });

const listCalls: OpenApi['paths'][string][string] = {
  operationId: 'listCalls',
  parameters: [{ name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 200 } }],
  responses: { '200': { content: json(text) }, '401': { content: json(text) } },
};
const makeGuest: OpenApi['paths'][string][string] = {
  operationId: 'makeGuest',
  security: [],
  requestBody: { required: false, content: json(text) },
  responses: { '201': { content: json(text) } },
};
const http = (calls: object = listCalls, guests: object = makeGuest): OpenApi => ({
  openapi: '3.1.0',
  info: { version: '0.1.0' },
  paths: { '/calls': { get: calls as typeof listCalls }, '/guests': { post: guests as typeof makeGuest } },
  components: { schemas: {} },
});

describe('a change of the HTTP API', () => {
  const limit = listCalls.parameters![0]!;
  it.each<[string, OpenApi, string[]]>([
    ['nothing', http(), []],
    ['an operation less', { ...http(), paths: { '/guests': { post: makeGuest } } }, ['GET /calls is gone']],
    ['an operation more', { ...http(), paths: { ...http().paths, '/more': { get: listCalls } } }, []],
    [
      'another name of an operation',
      http({ ...listCalls, operationId: 'calls' }),
      ['GET /calls: operationId was listCalls and is calls'],
    ],
    ['a parameter less', http({ ...listCalls, parameters: [] }), ['GET /calls: query limit is gone']],
    [
      'a parameter of a narrower form',
      http({ ...listCalls, parameters: [{ ...limit, schema: { type: 'integer', maximum: 100 } }] }),
      ['GET /calls: query limit: maximum was 200 and is 100'],
    ],
    ['a parameter more', http({ ...listCalls, parameters: [limit, { ...limit, name: 'after' }] }), []],
    [
      'a parameter more that is needed',
      http({ ...listCalls, parameters: [limit, { ...limit, name: 'after', required: true }] }),
      ['GET /calls: query after is needed now'],
    ],
    [
      'a parameter that is needed now',
      http({ ...listCalls, parameters: [{ ...limit, required: true }] }),
      ['GET /calls: query limit is needed now'],
    ],
    [
      'a token where there was none',
      http(listCalls, { ...makeGuest, security: undefined }),
      ['POST /guests needs a token now'],
    ],
    ['no token any more', http({ ...listCalls, security: [] }), []],
    [
      'a body that is needed now',
      http(listCalls, { ...makeGuest, requestBody: { required: true, content: json(text) } }),
      ['POST /guests: a body is needed now'],
    ],
    [
      'no body any more',
      http(listCalls, { ...makeGuest, requestBody: undefined }),
      ['POST /guests: no body is taken any more', 'POST /guests: body is not application/json any more'],
    ],
    [
      'another body',
      http(listCalls, { ...makeGuest, requestBody: { content: json({ type: 'integer' }) } }),
      ['POST /guests: body was string and is integer'],
    ],
    [
      'another answer',
      http({
        ...listCalls,
        responses: { ...listCalls.responses, '200': { content: json({ type: 'null' }) } },
      }),
      ['GET /calls: 200 was string and is null'],
    ],
    [
      'an answer in another form',
      http({ ...listCalls, responses: { '200': { content: { 'text/plain': { schema: text } } } } }),
      ['GET /calls: 200 is not application/json any more'],
    ],
    [
      'another success',
      http({ ...listCalls, responses: { '202': { content: json(text) } } }),
      ['GET /calls: 200 does not come any more', 'GET /calls: 202 may come now'],
    ],
    [
      'other refusals',
      http({ ...listCalls, responses: { '200': { content: json(text) }, '403': { content: json(text) } } }),
      [],
    ],
  ])('%s', (_, is, changes) => {
    expect(breakingChanges(http(), is)).toEqual(changes);
  });
});

const channel = { $ref: '#/channels/socket' };
const of = (name: string) => ({ $ref: `#/channels/socket/messages/${name}` });
const ask: AsyncApi['operations'][string] = {
  action: 'receive',
  channel,
  messages: [of('call.ask')],
  reply: { messages: [of('reply')] },
};
const feed: AsyncApi['operations'][string] = { action: 'send', channel, messages: [of('event')] };
const message = (payload: object = text) => ({ contentType: 'application/json', payload });
const socket = (more: Partial<AsyncApi> = {}, messages: object = {}): AsyncApi => ({
  asyncapi: '3.0.0',
  info: { version: '0.1.0' },
  channels: { socket: { address: '/ws', 'x-close-codes': { 4000: 'a', 4100: 'b' } } },
  operations: { ask, feed },
  components: {
    messages: { 'call.ask': message(), reply: message(), event: message(), ...messages },
    schemas: {},
  },
  ...more,
});

describe('a change of the socket', () => {
  const narrower = message({ ...text, maxLength: 3 });
  const wider = message({ type: ['string', 'null'] });
  it.each<[string, AsyncApi, string[]]>([
    ['nothing', socket(), []],
    ['an operation less', socket({ operations: { ask } }), ['operation feed is gone']],
    ['an operation more', socket({ operations: { ask, feed, more: ask } }), []],
    [
      'an operation the other way',
      socket({ operations: { ask, feed: { ...feed, action: 'receive' } } }),
      ['operation feed is another one'],
    ],
    [
      'a message less',
      socket({ operations: { ask, feed: { ...feed, messages: [] } } }),
      ['feed: message event is gone'],
    ],
    [
      'a message more',
      socket({ operations: { ask, feed: { ...feed, messages: [of('event'), of('reply')] } } }),
      [],
    ],
    [
      'another reply',
      socket({ operations: { ask: { ...ask, reply: { messages: [of('event')] } }, feed } }),
      ['ask: message reply is gone'],
    ],
    [
      'a narrower message of clients',
      socket({}, { 'call.ask': narrower }),
      ['call.ask: maxLength was undefined and is 3'],
    ],
    ['a wider message of clients', socket({}, { 'call.ask': wider }), []],
    ['a narrower message to clients', socket({}, { event: narrower }), []],
    ['a wider message to clients', socket({}, { event: wider }), ['event was string and is null']],
    ['a wider reply', socket({}, { reply: wider }), ['reply was string and is null']],
    [
      'another form of a message',
      socket({}, { event: { ...message(), contentType: 'text/plain' } }),
      ['message event was application/json and is text/plain'],
    ],
    [
      'another address',
      socket({ channels: { socket: { ...socket().channels.socket!, address: '/v2' } } }),
      ['channel socket was at /ws and is at /v2'],
    ],
    [
      'a close code less, one more, other words',
      socket({ channels: { socket: { address: '/ws', 'x-close-codes': { 4100: 'c', 4200: 'd' } } } }),
      ['close code 4000 is gone'],
    ],
    [
      'a channel less',
      socket({ channels: {} }),
      ['channel socket is gone', 'close code 4000 is gone', 'close code 4100 is gone'],
    ],
  ])('%s', (_, is, changes) => {
    expect(breakingChanges(socket(), is)).toEqual(changes);
  });
});

it('takes two documents of one kind', () => {
  expect(() => breakingChanges(http(), socket())).toThrow();
});
