// The limit of fan-out: uWebSockets.js alone. A message comes in, four go out, as long as ours; nothing is looked at.

import { createRequire } from 'node:module';
import { uwsBinaryPath } from '@ringback/runtime/native-parts';
import type * as Uws from 'uWebSockets.js';
import { serveAsks } from '../processes.ts';
import { actionId } from './action-ids.ts';

interface Member {
  readonly room: string;
}

const handlers = {
  /** @param frame what goes out, with one action's id in it. @returns the port. */
  listen: (frame: string): Promise<number> => {
    const path = uwsBinaryPath();
    if (path === undefined) throw new Error('uWebSockets.js has no binary here: run npm run setup');
    const uws = createRequire(import.meta.url)(path) as typeof Uws;
    const out = Buffer.from(frame);
    const idLength = actionId(0).length;
    const idOut = frame.indexOf('"causationid":"') + '"causationid":"'.length;
    const rooms = new Map<string, Uws.WebSocket<Member>[]>();
    const app = uws.App().ws<Member>('/*', {
      compression: 0,
      idleTimeout: 0,
      upgrade: (response, request, context) =>
        response.upgrade(
          { room: request.getQuery('room') ?? '' },
          request.getHeader('sec-websocket-key'),
          request.getHeader('sec-websocket-protocol'),
          request.getHeader('sec-websocket-extensions'),
          context,
        ),
      open: (ws) => {
        const { room } = ws.getUserData();
        rooms.set(room, [...(rooms.get(room) ?? []), ws]);
      },
      message: (ws, message) => {
        const bytes = Buffer.from(message);
        const idIn = bytes.indexOf('"id":"') + '"id":"'.length;
        bytes.copy(out, idOut, idIn, idIn + idLength);
        for (const member of rooms.get(ws.getUserData().room)!) member.send(out, false);
      },
    });
    return new Promise((resolve, reject) => {
      app.listen('127.0.0.1', 0, (socket) =>
        socket ? resolve(uws.us_socket_local_port(socket)) : reject(new Error('no free port')),
      );
    });
  },
};
export type EchoAsks = typeof handlers;

serveAsks(handlers);
