import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { answersStun } from './stun.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

/** A server that answers each request with these. */
async function server(answers: (request: Buffer) => Buffer[]): Promise<number> {
  const socket = await bound();
  socket.on('message', (request, { address, port }) => {
    for (const answer of answers(request)) socket.send(answer, port, address);
  });
  return socket.address().port;
}

const success = (request: Buffer) => Buffer.concat([Buffer.from([0x01, 0x01, 0, 0]), request.subarray(4)]);

describe('answersStun', () => {
  it('is true for a binding success of the same transaction', async () => {
    expect(await answersStun('127.0.0.1', await server((r) => [success(r)]), 1_000)).toBe(true);
  });

  it('passes over what is too short, or another transaction', async () => {
    const short = [Buffer.alloc(0), Buffer.from([1]), Buffer.alloc(19, 1)];
    const port = await server((r) => [...short, success(Buffer.alloc(20)), success(r)]);
    expect(await answersStun('127.0.0.1', port, 1_000)).toBe(true);
    expect(await answersStun('127.0.0.1', await server(() => short), 50)).toBe(false);
  });

  it('is false for a refusal, and where nobody answers or listens', async () => {
    const refusal = (r: Buffer) => [Buffer.concat([Buffer.from([0x01, 0x11, 0, 0]), r.subarray(4)])];
    expect(await answersStun('127.0.0.1', await server(refusal), 1_000)).toBe(false);
    expect(await answersStun('127.0.0.1', await server(() => []), 50)).toBe(false);
    const gone = await bound();
    const { port } = gone.address();
    sockets.pop();
    await new Promise<void>((resolve) => gone.close(resolve));
    expect(await answersStun('127.0.0.1', port, 1_000)).toBe(false);
    expect(await answersStun('127.0.0.1', -1, 1_000)).toBe(false);
  });

  it('believes nobody but whom it asked', async () => {
    const other = await bound();
    const port = await server((request) => {
      other.send(success(request), asker, '127.0.0.1');
      return [];
    });
    let asker = 0;
    sockets[1]!.prependListener('message', (_, from) => (asker = from.port));
    expect(await answersStun('127.0.0.1', port, 100)).toBe(false);
  });
});
