import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { RejectionCode } from '@ringback/schemas';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { frame, RawSocket } from '../fuzz/raw-socket.ts';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { command, refusals, unknownCall } from '../support/refusals.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * JSON that is meant for the reader and not for what is read: names that mean something to the language, depth, size,
 * numbers that are none. The gateway and the owner run in this process, so what they did to it is seen here.
 */
let platform: InProcessPlatform;
beforeAll(async () => void (platform = await InProcessPlatform.start()));
afterAll(() => platform.close());
const { refused, kept, livesOn } = refusals(() => platform);

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype] as const;
const before = prototypes.map((prototype) => Reflect.ownKeys(prototype).length);
afterEach(() => {
  expect(prototypes.map((prototype) => Reflect.ownKeys(prototype).length)).toEqual(before);
  expect(({} as { admin?: unknown }).admin).toBeUndefined();
});

const deep = (depth: number, [open, close]: readonly [string, string]) =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;
const lists = ['[', ']'] as const;
const objects = ['{"a":', '}'] as const;
const digits = '9'.repeat(400);

describe('a body', () => {
  const make = (body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(`${platform.url}/v1/calls`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${platform.token('host')}`, ...headers },
    });

  it.each<[string, string | Buffer<ArrayBuffer>, RejectionCode, string | undefined]>([
    ['__proto__', '{"__proto__":{"admin":true}}', 'invalid', undefined],
    ['constructor', '{"constructor":{"prototype":{"admin":true}}}', 'invalid', undefined],
    ['prototype', '{"prototype":{"admin":true}}', 'invalid', undefined],
    ['toString', '{"toString":1,"hasOwnProperty":1}', 'invalid', undefined],
    ['__proto__ for a value', '{"name":{"__proto__":{"admin":true}}}', 'invalid', 'name'],
    ['lists in lists', `{"name":${deep(7_000, lists)}}`, 'invalid', 'name'],
    ['objects in objects', `{"name":${deep(2_500, objects)}}`, 'invalid', 'name'],
    ['nothing but depth', deep(8_000, lists), 'invalid', undefined],
    ['depth that does not end', '['.repeat(16_000), 'malformed', undefined],
    ['a long list', `{"name":[${'0,'.repeat(8_000)}0]}`, 'invalid', 'name'],
    [
      'many names',
      `{${Array.from({ length: 1_000 }, (_, n) => `"n${n}":0`).join(',')}}`,
      'invalid',
      undefined,
    ],
    ['a number beyond all', '{"participantsMax":1e999}', 'invalid', 'participantsMax'],
    ['a number of 400 digits', `{"participantsMax":${digits}}`, 'invalid', 'participantsMax'],
    ['a number below all', '{"emptyTimeoutMs":-1e999}', 'invalid', 'emptyTimeoutMs'],
    ['a number next to a whole one', '{"participantsMax":2.0000000000001}', 'invalid', 'participantsMax'],
    [
      'a name twice, the last one wrong',
      '{"participantsMax":4,"participantsMax":"4"}',
      'invalid',
      'participantsMax',
    ],
    [
      'bytes that are no UTF-8',
      Buffer.from([...Buffer.from('{"name":"'), 0xff, 0xfe, 0x22, 0x7d]),
      'malformed',
      undefined,
    ],
    [
      'half of a character',
      Buffer.from([...Buffer.from('{"name":"'), 0xf0, 0x9f, 0x22, 0x7d]),
      'malformed',
      undefined,
    ],
    ['UTF-16', Buffer.from('{"name":"x"}', 'utf16le'), 'malformed', undefined],
    ['no JSON of JSON5', '{name:"x",}', 'malformed', undefined],
  ])('%s', async (_, body, code, field) => {
    const events = (await platform.events()).length;
    const response = await make(body);
    const problem = (await response.json()) as { code: string; field?: string };
    expect([problem.code, problem.field]).toEqual([code, field]);
    expect(await platform.events()).toHaveLength(events);
  });

  it('of a name twice the last one counts, for all that read it', async () => {
    const response = await make('{"name":"first","name":"second"}');
    expect(response.status).toBe(201);
    const { callId } = (await response.json()) as { callId: string };
    const made = (await platform.events()).find(({ subject }) => subject === callId)!;
    expect(made).toMatchObject({ type: 'call.created', data: { name: 'second' } });
    expect(JSON.stringify(made)).not.toContain('first');
  });

  it('that is packed is not unpacked', async () => {
    const bomb = gzipSync(`{"name":"${'x'.repeat(1_000_000)}"}`);
    const response = await make(bomb as Buffer<ArrayBuffer>, { 'content-encoding': 'gzip' });
    expect(await response.json()).toMatchObject({ code: 'malformed' });
  });

  it('may have a mark at its beginning', async () => {
    expect((await make(Buffer.from('\ufeff{}'))).status).toBe(201);
  });

  it.each([
    '__proto__=1',
    '__proto__[admin]=1',
    'constructor=1',
    'limit[__proto__]=1',
    'limit=1e999',
    `limit=${digits}`,
  ])('a query like one: %s', async (query) => {
    const response = await fetch(`${platform.url}/v1/calls?${query}`, {
      headers: { authorization: `Bearer ${platform.token('host')}` },
    });
    expect(await response.json()).toMatchObject({ code: 'invalid' });
  });
});

describe('a message', () => {
  const start = () => `{"type":"call.leave","id":"${randomUUID()}","callId":"${unknownCall}"`;

  it.each<[string, () => string, RejectionCode, string | undefined]>([
    ['__proto__ beside', () => `${start()},"data":{},"__proto__":{"type":"call.end"}}`, 'invalid', undefined],
    ['constructor', () => `${start()},"data":{"constructor":{"prototype":{"admin":1}}}}`, 'invalid', 'data'],
    ['a type of __proto__', () => '{"type":"__proto__"}', 'unknown_type', 'type'],
    ['a type of a list', () => '{"type":["call.leave"]}', 'invalid', 'type'],
    ['depth', () => `${start()},"data":${deep(60_000, lists)}}`, 'invalid', 'data'],
    ['a long list', () => `${start()},"data":[${'0,'.repeat(60_000)}0]}`, 'invalid', 'data'],
    [
      'an epoch beyond all',
      () => `{"type":"call.swapped","id":"${randomUUID()}","callId":"${unknownCall}","data":{"epoch":1e999}}`,
      'invalid',
      'data.epoch',
    ],
    [
      'an epoch of 400 digits',
      () =>
        `{"type":"call.swapped","id":"${randomUUID()}","callId":"${unknownCall}","data":{"epoch":${digits}}}`,
      'invalid',
      'data.epoch',
    ],
    [
      'a place that no number holds',
      () => `{"type":"watch","id":"${randomUUID()}","callId":"${unknownCall}","after":9007199254740993}`,
      'invalid',
      'after',
    ],
    [
      // Left out, and the rest is what is looked at.
      'sizes by __proto__',
      () =>
        `{"type":"tiles","id":"${randomUUID()}","callId":"${unknownCall}","tiles":{"__proto__":{"width":1,"height":1}}}`,
      'not_in_call',
      undefined,
    ],
  ])('%s', async (_, text, code, field) => {
    const client = await platform.client(platform.token('host'));
    await refused(client, text(), code, field);
    await kept(client);
  });

  it('of a name twice the last one counts, for all that read it', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client } = await platform.join(callId, 'host');
    const id = randomUUID();
    client.sendRaw(
      `{"type":"call.end","type":"call.lock","id":"${id}","callId":"${callId}","data":{"a":1},"data":{}}`,
    );
    expect(await client.reply(id)).toMatchObject({ ok: true });
    const types = (await platform.events())
      .filter(({ subject }) => subject === callId)
      .map(({ type }) => type);
    expect(types.at(-1)).toBe('call.locked');
    expect(types).not.toContain('call.ended');
  });

  it('whose names mean something to the language stays data, also where it is kept', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client } = await platform.join(callId, 'host');
    const samples = '{"__proto__":1,"constructor":2,"toString":3,"hasOwnProperty":4}';
    const id = randomUUID();
    client.sendRaw(
      `{"type":"call.bandwidth","id":"${id}","callId":"${callId}","data":{"decision":"audio-only","samples":${samples}}}`,
    );
    await client.reply(id);
    expect(await client.ask(command('call.lock', callId))).toMatchObject({ ok: true });
    const response = await fetch(`${platform.url}/v1/calls/${callId}`, {
      headers: { authorization: `Bearer ${platform.token('host')}` },
    });
    expect(response.status).toBe(200);
  });
});

describe('frames', () => {
  const hello = () =>
    Buffer.from(
      JSON.stringify({ type: 'connect', id: randomUUID(), protocol: 1, token: platform.token('host') }),
    );

  it('that are packed are offered to nobody, and end the socket', async () => {
    const { port } = new URL(platform.url);
    const socket = connect(Number(port), '127.0.0.1');
    const head = new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(data.toString('latin1'))),
    );
    const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.on('error', () => {});
    socket.write(
      'GET /v1/ws HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
        'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-extensions: permessage-deflate\r\n\r\n',
    );
    expect(await head).toMatch(/^HTTP\/1\.1 101/);
    expect(await head).not.toMatch(/sec-websocket-extensions/i);
    // RSV1: what follows is packed.
    socket.write(frame(1, gzipSync('{}'), 0xc1));
    await ended;
    await livesOn();
  });

  it('without a mask are read as if they had one: nothing that they say is heard', async () => {
    const socket = await RawSocket.open(platform.url);
    const heard: string[] = [];
    socket.onText((text) => heard.push(text));
    const text = hello();
    const head = Buffer.from([0x81, 126, 0, 0]);
    head.writeUInt16BE(text.length, 2);
    // As long as the gateway takes it to be, with the mask that it reads from the first of it.
    socket.sendBytes(Buffer.concat([head, text, Buffer.alloc(4)]));
    // Either it is no text, which ends the socket, or no JSON, which is said.
    await waitFor(() => socket.closeCode !== undefined || heard.length > 0, 'what becomes of it');
    expect(heard.join()).not.toContain('connected');
    socket.end();
    await livesOn();
  });

  it('in pieces are one message, and bounded as one', async () => {
    const socket = await RawSocket.open(platform.url);
    const heard: string[] = [];
    socket.onText((text) => heard.push(text));
    const text = hello();
    socket.sendBytes(
      Buffer.concat([frame(1, text.subarray(0, 10), 0x01), frame(0, text.subarray(10), 0x80)]),
    );
    await waitFor(() => heard.some((message) => message.includes('connected')), 'the connected message');
    // It never ends; each piece is short.
    const piece = Buffer.alloc(32 * 1024, 0x20);
    socket.sendBytes(frame(1, piece, 0x01));
    for (let n = 0; n < 16; n++) socket.sendBytes(frame(0, piece, 0x00));
    await waitFor(() => socket.closeCode, 'the end of the socket');
    await livesOn();
  });
});
