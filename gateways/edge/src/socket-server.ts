import { closeCodes } from '@ringback/schemas';
import type { TemplatedApp } from 'uWebSockets.js';
import { ClientSocket, type SocketHolder } from './client-socket.ts';
import { Gathered } from './gathered.ts';
import { problem, Reply } from './http-response.ts';
import { limits } from './limits.ts';
import type { EdgeMetrics } from './metrics.ts';
import type { Origins } from './origins.ts';
import type { SessionPorts } from './session-ports.ts';

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
  readonly #sockets = new Set<ClientSocket>();
  readonly #toFlush: ClientSocket[] = [];
  #nothing = Gathered.nothing();
  #flushing = false;
  #accepting = true;
  #cancelHeartbeat = () => {};
  #beating = this.#sockets.values();

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.metrics = ports.metrics;
    this.#beatLater();
  }

  #beatLater(): void {
    const ms = limits.heartbeatMs / 4 / limits.heartbeatSteps;
    this.#cancelHeartbeat = this.#ports.clock.after(ms, () => {
      this.#beatSome();
      this.#beatLater();
    });
  }

  /** The next of all sockets, and then from the beginning again: not all at once. */
  #beatSome(): void {
    const now = this.now();
    for (let left = Math.ceil(this.#sockets.size / limits.heartbeatSteps); left > 0; left--) {
      const { value: socket, done } = this.#beating.next();
      if (done === true) {
        this.#beating = this.#sockets.values();
        this.#relieve();
        return;
      }
      this.#forEach([socket], () => socket.heartbeat(now));
    }
  }

  /** Too much waits for slow readers, all together: those that have most end first. */
  #relieve(): void {
    let total = 0;
    for (const socket of this.#sockets) total += socket.buffered;
    if (total <= limits.bufferedTotalBytesMax) return;
    const bytes = new Map([...this.#sockets].map((socket) => [socket, socket.buffered]));
    const fullest = [...this.#sockets].sort((a, b) => bytes.get(b)! - bytes.get(a)!);
    this.#forEach(fullest, (socket) => {
      if (total <= limits.bufferedTotalBytesMax) return;
      total -= bytes.get(socket)!;
      socket.tooSlow();
    });
  }

  /** Whole: each socket keeps one, and small integers take no memory of their own. */
  now(): number {
    return Math.floor(this.#ports.clock.monotonic());
  }

  attachTo(app: TemplatedApp, origins: Origins): void {
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
        const refusal = origins.refusal(request.getHeader('origin'), request.getHeader('host'));
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
        this.metrics.sockets.set(this.#sockets.size);
        socket.gone(Buffer.from(message).toString() === timedOut ? 'heartbeat-missed' : 'socket-closed');
      },
    });
  }

  get nothing(): Gathered {
    return this.#nothing;
  }

  flushLater(socket: ClientSocket): void {
    this.#toFlush.push(socket);
    if (this.#flushing) return;
    this.#flushing = true;
    this.#ports.clock.soon(() => this.#flushSome());
  }

  /** Some sockets, then whatever came in meanwhile; what that says to those whose turn has not come goes along. */
  #flushSome(): void {
    this.#nothing = Gathered.nothing();
    const now = this.now();
    this.#forEach(this.#toFlush.splice(0, limits.flushesAtOnce), (waiting) => waiting.flush(now));
    this.#flushing = this.#toFlush.length > 0;
    if (this.#flushing) this.#ports.clock.soon(() => this.#flushSome());
  }

  /**
   * Takes no new sockets and tells those that are there to come back, spread over a while: the longer, the more they are.
   * Settles when all are told, or it takes too long; who was not told comes back with a pause of its own.
   */
  async close(): Promise<void> {
    this.#accepting = false;
    this.#cancelHeartbeat();
    const { ids } = this.#ports;
    const until = this.now() + limits.closeAllMs;
    const sockets = [...this.#sockets];
    const withinMs = comeBackWithinMs(sockets.length);
    while (sockets.length > 0 && this.now() < until) {
      this.#forEach(sockets.splice(-limits.closesPerTick), (socket) =>
        socket.close(closeCodes.goingAway, Math.floor(ids.random() * withinMs)),
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

/** How long those who are told to come back take for it, all together. Milliseconds. */
export function comeBackWithinMs(sockets: number): number {
  return Math.max(limits.comeBackMs, (sockets * 1_000) / limits.comeBackPerSecond);
}

/** Text frames are UTF-8 (RFC 6455 section 5.6); uWebSockets.js has checked that. */
function decode(bytes: ArrayBuffer): string {
  return decoder.decode(bytes);
}
