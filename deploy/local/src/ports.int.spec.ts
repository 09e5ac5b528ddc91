import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import { answersStun } from '@ringback/runtime/stun';
import { describe, expect, it, vi } from 'vitest';
import { SetupError } from '../bootstrap/remedies.mjs';
import { countFromEnv, freePort, holdPort, portFromEnv, requireFreePort } from './ports.ts';

const local = '127.0.0.1';

describe('a port', () => {
  it('that is taken is passed over, or refused when somebody named it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, local, resolve));
    const { port } = server.address() as AddressInfo;
    expect(await freePort(port, local)).toBeGreaterThan(port);
    await expect(requireFreePort(port, local, 'PORT')).rejects.toMatchObject({
      remedy: expect.stringContaining(`PORT=${port + 1} npm start`) as string,
    });
    server.close();
  });

  it.runIf(process.platform === 'linux')(
    'that a platform holds is not given to another, listened on or not',
    async () => {
      // Held and not listened on, it looks free to the same test beside this one.
      const port = await freePort(20_000 + (process.pid % 8_000), local);
      await holdPort(port, 'PORT');
      await expect(holdPort(port, 'PORT')).rejects.toMatchObject({
        message: `Port ${port} is taken by another program.`,
        remedy: expect.stringContaining(`PORT=${port + 1} npm start`) as string,
      });
    },
  );

  it('is a number', () => {
    vi.stubEnv('PORT', '8081');
    expect(portFromEnv('PORT', 8080)).toBe(8081);
    vi.stubEnv('PORT', '');
    expect(portFromEnv('PORT', 8080)).toBe(8080);
    vi.stubEnv('PORT', '80 80');
    expect(() => portFromEnv('PORT', 8080)).toThrow(SetupError);
    vi.unstubAllEnvs();
  });
});

it('a count is a whole number within its bound', () => {
  for (const [text, count] of [
    ['', 1],
    ['3', 3],
    ['16', 16],
  ] as const) {
    vi.stubEnv('RINGBACK_CALLS_WORKERS', text);
    expect(countFromEnv('RINGBACK_CALLS_WORKERS', 1, 16)).toBe(count);
  }
  for (const text of ['0', '17', '1.5', 'two']) {
    vi.stubEnv('RINGBACK_CALLS_WORKERS', text);
    expect(() => countFromEnv('RINGBACK_CALLS_WORKERS', 1, 16)).toThrow(SetupError);
  }
  vi.unstubAllEnvs();
});

describe('a STUN server', () => {
  it('answers, or does not', async () => {
    const server = createSocket('udp4');
    await new Promise<void>((resolve) => server.bind(0, local, resolve));
    const { port } = server.address();
    expect(await answersStun(local, port, 50)).toBe(false);
    server.on('message', (request, from) => {
      const reply = Buffer.from(request);
      reply.writeUInt16BE(0x0101, 0);
      server.send(reply, from.port, from.address);
    });
    expect(await answersStun(local, port, 1_500)).toBe(true);
    server.close();
  });
});
