import { closeCodes } from '@ringback/schemas';
import type { TemplatedApp } from 'uWebSockets.js';
import { ClientSocket, type SocketHolder } from './client-socket.ts';
import { problem, Reply } from './http-response.ts';
import { limits } from './limits.ts';
import type { EdgeMetrics } from './metrics.ts';
import { Origins } from './origins.ts';
import type { SessionPorts } from './session.ts';

interface SocketData {
  /** The Host header: where the client found us, and so finds our TURN server. */
  readonly host: string;
  socket: ClientSocket | undefined;
}

/** How uWebSockets.js words the end of a socket that sent nothing for `idleTimeout`, pongs included. */
const timedOut = 'WebSocket timed out from inactivity';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** All WebSockets of this gateway, at `/v1/ws`. */
export class SocketServer implements SocketHolder {
  readonly metrics: EdgeMetrics;
  readonly #ports: SessionPorts;
  readonly #origins: Origins;
  readonly #sockets = new Set<ClientSocket>();
  readonly #toFlush = new Set<ClientSocket>();
  #flushing = false;
  #accepting = true;
  #cancelHeartbeat = () => {};

  constructor(ports: SessionPorts, origins = new Origins()) {
    this.#ports = ports;
    this.#origins = origins;
    this.metrics = ports.metrics;
    const heartbeat = () => {
      const now = this.now();
      this.#forEach(this.#sockets, (socket) => socket.heartbeat(now));
      this.#relieve();
      this.#cancelHeartbeat = ports.clock.after(limits.heartbeatMs / 4, heartbeat);
    };
    this.#cancelHeartbeat = ports.clock.after(limits.heartbeatMs / 4, heartbeat);
  }

  /** Too much waits for slow readers, all together: those that have most end first. */
  #relieve(): void {
    const bytes = new Map([...this.#sockets].map((socket) => [socket, socket.buffered]));
    let total = [...bytes.values()].reduce((sum, of) => sum + of, 0);
    if (total <= limits.bufferedTotalBytesMax) return;
    const fullest = [...this.#sockets].sort((a, b) => bytes.get(b)! - bytes.get(a)!);
    this.#forEach(fullest, (socket) => {
      if (total <= limits.bufferedTotalBytesMax) return;
      total -= bytes.get(socket)!;
      socket.tooSlow();
    });
  }

  now(): number {
    return this.#ports.clock.monotonic();
  }

  attachTo(app: TemplatedApp): void {
    app.ws<SocketData>('/v1/ws', {
      compression: 0,
      maxPayloadLength: limits.frameBytesAcceptedMax,
      maxBackpressure: limits.bufferedBytesMax,
      idleTimeout: limits.idleSeconds,
      sendPingsAutomatically: true,
      upgrade: (response, request, context) => {
        if (!this.#accepting || this.#sockets.size >= limits.socketsMax) {
          response.writeStatus('503 Service Unavailable').writeHeader('retry-after', '2').end();
          return;
        }
        const refusal = this.#origins.refusal(request.getHeader('origin'), request.getHeader('host'));
        if (refusal !== undefined) return new Reply(response).send(problem(refusal));
        response.upgrade<SocketData>(
          { host: request.getHeader('host'), socket: undefined },
          request.getHeader('sec-websocket-key'),
          request.getHeader('sec-websocket-protocol'),
          request.getHeader('sec-websocket-extensions'),
          context,
        );
      },
      open: (ws) => {
        const data = ws.getUserData();
        data.socket = new ClientSocket(ws, data.host, this, this.#ports);
        this.#sockets.add(data.socket);
        this.metrics.sockets.set(this.#sockets.size);
      },
      message: (ws, bytes, isBinary) => {
        const { socket } = ws.getUserData();
        if (bytes.byteLength > limits.messageBytesMax) socket?.refuseTooLarge();
        else socket?.session.receive(isBinary ? undefined : decode(bytes));
      },
      close: (ws, _code, message) => {
        const { socket } = ws.getUserData();
        if (socket === undefined) return;
        this.#sockets.delete(socket);
        this.#toFlush.delete(socket);
        this.metrics.sockets.set(this.#sockets.size);
        socket.gone(Buffer.from(message).toString() === timedOut ? 'heartbeat-missed' : 'socket-closed');
      },
    });
  }

  flushLater(socket: ClientSocket): void {
    this.#toFlush.add(socket);
    if (this.#flushing) return;
    this.#flushing = true;
    this.#ports.clock.soon(() => {
      this.#flushing = false;
      const sockets = [...this.#toFlush];
      this.#toFlush.clear();
      this.#forEach(sockets, (waiting) => waiting.flush());
    });
  }

  /** Takes no new sockets and tells those that are there to come back, spread over a while. Settles when all are told, or it takes too long. */
  async close(): Promise<void> {
    this.#accepting = false;
    this.#cancelHeartbeat();
    const { ids } = this.#ports;
    const until = this.now() + limits.closeAllMs;
    const sockets = [...this.#sockets];
    while (sockets.length > 0 && this.now() < until) {
      this.#forEach(sockets.splice(-limits.closesPerTick), (socket) =>
        socket.close(closeCodes.goingAway, Math.floor(ids.random() * limits.comeBackMs)),
      );
      await new Promise<void>((resolve) => this.#ports.clock.soon(resolve));
    }
  }

  /** What is wrong with one socket is none of the others' business. */
  #forEach(sockets: Iterable<ClientSocket>, task: (socket: ClientSocket) => void): void {
    for (const socket of sockets) {
      try {
        task(socket);
      } catch (error) {
        this.#ports.logger.error({ sessionId: socket.session.sessionId, err: error }, 'socket failed');
      }
    }
  }
}

/** Text frames are UTF-8 (RFC 6455 section 5.6); uWebSockets.js has checked that. */
function decode(bytes: ArrayBuffer): string {
  return decoder.decode(bytes);
}
