// The peers of fan-out, each in a process like this: what comes over NATS goes to every socket that came for it. Nothing
// is authorized, ordered, kept or counted here.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { connectNats } from '@ringback/runtime';
import { uwsBinaryPath } from '@ringback/runtime/native-parts';
import { subjects } from '@ringback/schemas';
import type * as Uws from 'uWebSockets.js';
import { serveAsks } from '../processes.ts';
import { shapeNames } from './limits.ts';
import { toFrameEach, toOneFrame } from './peer-names.ts';

/** A library, listening: sends a text to everybody of a shape. */
interface Listening {
  readonly port: number;
  readonly oneFrame: (shape: string, bytes: Uint8Array) => void;
  /** Where the library has rooms of its own. */
  readonly frameEach?: (shape: string, bytes: Uint8Array) => void;
}

const require = createRequire(import.meta.url);

const kinds = {
  /** One `send` a socket, of bytes that are there: the least that fan-out in a Node process can be. */
  uws: (): Promise<Listening> => {
    const path = uwsBinaryPath();
    if (path === undefined) throw new Error('uWebSockets.js has no binary here: run npm run setup');
    const uws = require(path) as typeof Uws;
    const members = new Map<string, Uws.WebSocket<{ shape: string }>[]>(shapeNames.map((name) => [name, []]));
    const app = uws.App().ws<{ shape: string }>('/*', {
      compression: 0,
      idleTimeout: 0,
      maxBackpressure: 0,
      upgrade: (response, request, context) =>
        response.upgrade(
          { shape: request.getQuery('shape') ?? '' },
          request.getHeader('sec-websocket-key'),
          request.getHeader('sec-websocket-protocol'),
          request.getHeader('sec-websocket-extensions'),
          context,
        ),
      open: (ws) => void members.get(ws.getUserData().shape)!.push(ws),
    });
    const oneFrame = (shape: string, bytes: Uint8Array) => {
      for (const member of members.get(shape)!) member.send(bytes, false);
    };
    return new Promise((resolve, reject) => {
      app.listen('127.0.0.1', 0, (socket) =>
        socket
          ? resolve({ port: uws.us_socket_local_port(socket), oneFrame })
          : reject(new Error('no free port')),
      );
    });
  },

  ws: (): Promise<Listening> => {
    interface Client {
      send(bytes: Uint8Array, options: { binary: boolean }): void;
      on(event: 'close', listener: () => void): void;
    }
    const { WebSocketServer } = require('ws') as {
      WebSocketServer: new (options: object) => {
        on(event: 'connection', listener: (client: Client, request: { url: string }) => void): void;
      };
    };
    const members = new Map(shapeNames.map((name) => [name as string, new Set<Client>()]));
    const server = createServer();
    new WebSocketServer({ server }).on('connection', (client, { url }) => {
      const ofShape = members.get(shapeOf(url))!;
      ofShape.add(client);
      client.on('close', () => ofShape.delete(client));
    });
    const oneFrame = (shape: string, bytes: Uint8Array) => {
      for (const member of members.get(shape)!) member.send(bytes, { binary: false });
    };
    return listening(server, { oneFrame });
  },

  /** Rooms and broadcasts as its documentation has them; the WebSocket transport alone. */
  socketio: async (): Promise<Listening> => {
    const { Server } = await import('socket.io');
    const server = createServer();
    const io = new Server(server, { transports: ['websocket'], serveClient: false });
    io.on('connection', (socket) => void socket.join(shapeOf(socket.request.url!)));
    const read = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as object[];
    return listening(server, {
      oneFrame: (shape, bytes) => void io.to(shape).emit('events', read(bytes)),
      frameEach: (shape, bytes) => {
        for (const message of read(bytes)) io.to(shape).emit('event', message);
      },
    });
  },
};
export type PeerKind = keyof typeof kinds;

function listening(
  server: ReturnType<typeof createServer>,
  how: Omit<Listening, 'port'>,
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port, ...how }));
  });
}

function shapeOf(url: string): string {
  return new URL(url, 'http://localhost').searchParams.get('shape') ?? '';
}

const handlers = {
  /** @returns the port. */
  listen: async ({ kind, url, password }: { kind: PeerKind; url: string; password: string }) => {
    const nc = await connectNats({ url, user: 'edge', password, name: `bench-${kind}` });
    const { port, oneFrame, frameEach } = await kinds[kind]();
    const hear = (name: string, send: (bytes: Uint8Array) => void) =>
      nc.subscribe(subjects.feed(name), { callback: (_, { data }) => send(data) });
    for (const shape of shapeNames) {
      hear(toOneFrame(kind, shape), (bytes) => oneFrame(shape, bytes));
      if (frameEach !== undefined) hear(toFrameEach(kind, shape), (bytes) => frameEach(shape, bytes));
    }
    await nc.flush();
    return port;
  },
};
export type PeerAsks = typeof handlers;

serveAsks(handlers);
