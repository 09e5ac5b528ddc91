import { connect } from 'node:net';
import { makeLogger, makeMetrics, type Registry } from '@ringback/runtime';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serveHttp, type HttpPorts } from './http-server.ts';
import { limits } from './limits.ts';
import { makeEdgeMetrics } from './metrics.ts';
import { Origins } from './origins.ts';
import { TrustedProxies, trustedProxiesSetting } from './trusted-proxies.ts';
import { App, us_listen_socket_close, us_socket_local_port } from './uws.ts';

let metricsText: () => unknown = () => '';
let port = 0;
let address = '';
const app = App();
let listening: Parameters<typeof us_listen_socket_close>[0];

beforeAll(async () => {
  const registry = { contentType: 'text/plain', metrics: async () => metricsText() };
  serveHttp(app, {
    api: {
      createGuest: async (head: { address: string }, body: Buffer | undefined) => {
        address = head.address;
        return answerTo(body);
      },
    } as never,
    peopleApi: {} as never,
    files: { get: () => undefined, ready: false } as never,
    origins: new Origins(),
    proxies: new TrustedProxies(trustedProxiesSetting.parse('127.0.0.1')),
    registry: registry as unknown as Registry,
    metrics: makeEdgeMetrics(makeMetrics('test'), { followedCalls: () => 0, pendingCommands: () => 0 }),
    logger: makeLogger('test', 'silent'),
    readiness: () => Promise.reject(new Error('a fault')),
  } satisfies HttpPorts);
  const socket = await new Promise<typeof listening | false>((resolve) =>
    app.listen('127.0.0.1', 0, resolve),
  );
  if (socket === false) throw new Error('no free port');
  listening = socket;
  port = us_socket_local_port(listening);
});

afterAll(() => {
  us_listen_socket_close(listening);
  app.close();
});

const answerTo = (body: Buffer | undefined) => ({
  status: body === undefined ? 413 : 200,
  type: 'text/plain',
  body: String(body?.length),
});
const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

describe('HTTP', () => {
  it('a handler that fails is a problem of ours', async () => {
    const response = await get('/readyz');
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: 'internal_error' });
  });

  it('an answer that can not be written closes the connection, and no more', async () => {
    metricsText = () => Symbol('not to be sent');
    await expect(get('/metrics')).rejects.toThrow();
    metricsText = () => 'fine';
    expect(await (await get('/metrics')).text()).toBe('fine');
  });

  it('a client is who a trusted proxy says it heard, be that in one header or in several', async () => {
    for (const lists of [
      ['203.0.113.5, 192.0.2.1'],
      ['203.0.113.5', '192.0.2.1'],
      ['192.0.2.1', '127.0.0.1'],
    ]) {
      const headers = lists.map((list) => `x-forwarded-for: ${list}\r\n`).join('');
      const socket = connect(port, '127.0.0.1');
      address = '';
      socket.write(`POST /v1/guests HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\n${headers}\r\n`);
      await vi.waitFor(() => expect(address).toBe('192.0.2.1'));
      socket.destroy();
    }
  });

  it('a body that is too long is refused before it is all there, and the connection closed', async () => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString()));
    // It ends abruptly where more was on its way.
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.write(
      `POST /v1/guests HTTP/1.1\r\nhost: test\r\ncontent-length: 100000000\r\n\r\n${' '.repeat(limits.bodyBytesMax + 1)}`,
    );
    await closed;
    expect(heard).toMatch(/^HTTP\/1.1 413 /);
  });
});
