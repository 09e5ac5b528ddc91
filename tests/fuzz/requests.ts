import { request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { httpOperations, rejections } from '@ringback/schemas';
import type { Chance } from '../simulation/chance.ts';
import { anyText, damage, damageText } from './damage.ts';
import type { Faults } from './faults.ts';
import { limits } from './limits.ts';
import { bodyShapes, valueOf, type Meanings } from './shapes.ts';
import { tokenOf } from './target.ts';

export interface RequestOptions {
  readonly url: string;
  readonly scene: number;
  readonly faults: Faults;
  readonly count: (messages: number, code?: string) => void;
  readonly chance: Chance;
  readonly callIds: readonly string[];
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | undefined;
}

/** Every route, with paths, queries, headers and bodies that are whole or not. Each gets one answer, by the contract. */
export async function fuzzRequests(options: RequestOptions): Promise<void> {
  const { chance, url, faults, scene, count } = options;
  for (let n = 0; n < limits.requestsPerScene; n++) {
    const asked = requestOf(options);
    const fault = (what: string) =>
      faults.add(
        `scene ${scene}, ${asked.method} ${asked.path.slice(0, 300)}`,
        `${what}; body ${asked.body?.slice(0, 300)}`,
      );
    try {
      const answer = await send(url, asked, scene);
      const code = faultIn(answer, fault);
      count(1, `http ${code ?? answer.status}`);
    } catch (error) {
      fault(`no answer: ${String(error)}`);
    }
  }
  if (chance.is(0.5)) await noise(url, chance);
  count(1);
}

function requestOf({ chance, callIds, scene }: RequestOptions): Asked {
  const operation = chance.of(Object.values(httpOperations));
  const callId = chance.is(0.8) ? chance.of(callIds) : encodeURIComponent(anyText(chance).toWellFormed());
  let path = operation.path
    .replace('{callId}', callId)
    .replace('{userId}', encodeURIComponent(anyText(chance).toWellFormed()));
  if (chance.is(0.05))
    path = chance.of([
      '/',
      '/c/x',
      '/t/%00',
      '/healthz',
      '/v1',
      '/v1/ws',
      '//',
      '/%2e%2e/%2e%2e',
      '/docs',
      '/constructor',
      '/__proto__',
    ]);
  const query = new URLSearchParams();
  for (const name of ['limit', 'after', 'before', 'atLeast', 'samples', 'users', '__proto__', 'limit'])
    if (chance.is(0.25))
      query.append(
        name,
        chance.of([
          '0',
          '1',
          '50',
          '-1',
          '1e9',
          'NaN',
          '',
          'true',
          `${callIds[0]}:1`,
          `1.${callIds[0]}`,
          '5.0',
          anyText(chance),
        ]),
      );
  const user = `fuzz${scene}-${chance.int(0, 3)}`;
  const token = tokenOf(chance.of(['default', 'other'] as const), {
    sub: user,
    video: { roomJoin: true, roomCreate: true, roomList: true, roomAdmin: chance.is(0.5) },
    ...(chance.is(0.2) ? (damage({ video: {}, exp: 1, aud: 'x', nbf: 1 }, chance) as object) : {}),
  });
  const headers: Record<string, string> = {};
  if (chance.is(0.9))
    headers.authorization = `Bearer ${chance.is(0.1) ? token.slice(0, chance.int(0, token.length)) : token}`;
  if (chance.is(0.2))
    headers[
      chance.of(['if-none-match', 'accept-encoding', 'content-type', 'host', 'x-forwarded-for', 'cookie'])
    ] = 'x'.repeat(10 ** chance.int(0, 3));
  const method = chance.is(0.9)
    ? operation.method.toUpperCase()
    : chance.of(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'POST', 'GET']);
  return {
    method,
    path: `${path}${query.size > 0 ? `?${query}` : ''}`,
    headers,
    body: bodyOf(method, path, chance),
  };
}

function bodyOf(method: string, path: string, chance: Chance): string | Uint8Array | undefined {
  if (method !== 'POST') return undefined;
  const meanings: Meanings = {
    named: { UuidV7: () => chance.ids.uuidV7(Date.now()) },
    text: () => anyText(chance),
  };
  const value = valueOf(shapeOf(path), chance, meanings);
  // What it makes is over soon.
  if (path === '/v1/calls' && typeof value === 'object' && value !== null)
    Object.assign(value, { emptyTimeoutMs: 0, durationMsMax: 1_000 });
  const how = chance.ids.random();
  if (how < 0.4) return JSON.stringify(value);
  if (how < 0.8) return JSON.stringify(damage(value, chance));
  if (how < 0.94) return damageText(JSON.stringify(value), chance);
  // No UTF-8, or packed by somebody who hopes that it is unpacked.
  if (how < 0.96) return Buffer.concat([Buffer.from(JSON.stringify(value)), Buffer.from([0xff, 0xc3, 0x28])]);
  if (how < 0.97) return gzipSync(JSON.stringify(value));
  return 'x'.repeat(chance.int(16 * 1024 - 1, 64 * 1024));
}

function shapeOf(path: string) {
  if (path === '/v1/guests') return bodyShapes.guest;
  if (path === '/v1/connect') return bodyShapes.connect;
  return path.endsWith('/messages') ? bodyShapes.message : bodyShapes.call;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** From an address of its own for each scene: strangers at one address may make only so much. */
function send(url: string, { method, path, headers, body }: Asked, scene: number): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const localAddress = `127.${1 + ((scene >> 16) & 63)}.${(scene >> 8) & 255}.${1 + (scene & 127)}`;
  return new Promise((resolve, reject) => {
    const asking = request(
      { hostname, port, method, path, headers, localAddress, timeout: limits.answerMs, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    asking.on('timeout', () => asking.destroy(new Error('time ran out')));
    asking.on('error', reject);
    asking.end(body);
  });
}

/** @returns the code of a refusal. */
function faultIn({ status, type, text }: Answer, fault: (what: string) => void): string | undefined {
  if (status < 400) return undefined;
  if (type !== 'application/problem+json') {
    // 404 and 503 by a page, 431 by uWebSockets.js itself, before anything of ours runs.
    if (![404, 431, 503].includes(status))
      fault(`${status} that is no problem document: ${type} ${text.slice(0, 200)}`);
    return undefined;
  }
  if (text === '') return undefined; // the answer to HEAD
  const { code, detail } = JSON.parse(text) as { code: keyof typeof rejections; detail: string };
  if (!(code in rejections) || rejections[code].status !== status)
    fault(`no stable code: ${text.slice(0, 300)}`);
  if (code === 'internal_error' || code === 'unknown_outcome') fault(`our own fault: ${text.slice(0, 300)}`);
  if (/\bat .*:\d+:\d+/.test(detail)) fault(`no sentence for a person: ${text.slice(0, 300)}`);
  return code;
}

/** Bytes that are no HTTP: answered or not, the gateway lives on, which the rest of the run shows. */
async function noise(url: string, chance: Chance): Promise<void> {
  const { hostname, port } = new URL(url);
  const bytes = chance.of([
    () => 'GET / HTTP/1.1\r\n\r\n',
    () => `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    () =>
      'POST /v1/calls HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\ntransfer-encoding: chunked\r\n\r\n5\r\n',
    () => 'POST /v1/calls HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
    () => 'POST /v1/calls HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{',
    () => `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(300)}\r\n`,
    () => anyText(chance),
  ])();
  await new Promise<void>((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const done = () => {
      socket.destroy();
      resolve();
    };
    socket.on('error', () => {});
    socket.on('close', done);
    socket.on('data', done);
    // A gateway waits for what was promised; we do not.
    socket.setTimeout(200, done);
    socket.write(bytes, 'latin1');
  });
}
