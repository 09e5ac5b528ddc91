import { makeLogger, makeMetrics, ManualClock, seededIds } from '@ringback/runtime';
import type { ServerMessage } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { ClientSocket, type RawSocket } from './client-socket.ts';
import { Gathered } from './gathered.ts';
import { limits } from './limits.ts';
import { makeEdgeMetrics } from './metrics.ts';
import type { SessionPorts } from './session-ports.ts';

/** Throws at whoever touches it after its end, as uWebSockets.js does. */
class FakeWs implements RawSocket {
  getBufferedAmount(): number {
    return 0;
  }

  readonly frames: string[] = [];
  /** What `send` answers: 1 sent, 2 dropped. */
  answer = 1;
  ended: number | undefined;

  send(frame: string | Buffer): number {
    this.#check();
    this.frames.push(frame.toString());
    return this.answer;
  }

  end(code: number): void {
    this.#check();
    this.ended = code;
  }

  #check(): void {
    if (this.ended !== undefined) throw new Error('Invalid access of closed uWS.WebSocket/SSLWebSocket.');
  }
}

function stage() {
  const clock = new ManualClock(0);
  const metrics = makeEdgeMetrics(makeMetrics('test'), { followedCalls: () => 0, pendingCommands: () => 0 });
  const ws = new FakeWs();
  const ports = { clock, ids: seededIds(1), logger: makeLogger('test', 'silent'), metrics };
  const holder = {
    ...{ metrics, now: () => clock.monotonic(), flushLater: () => {} },
    nothing: Gathered.nothing(),
  };
  const socket = new ClientSocket(ws, 'localhost', holder, ports as unknown as SessionPorts);
  const said = () => ws.frames.flatMap((frame) => JSON.parse(frame) as ServerMessage[]);
  return { clock, ws, socket, said };
}

const goingAway = { code: 4200, reason: 'The gateway is stopping.' };

describe('ClientSocket', () => {
  it('sends what waits in one frame, the goodbye last', () => {
    const { ws, socket, said } = stage();
    socket.send('{"a":1}');
    socket.close(goingAway, 700);
    expect(ws.frames).toHaveLength(1);
    expect(said()).toEqual([{ a: 1 }, { type: 'bye', ...goingAway, retryAfterMs: 700 }]);
    expect(ws.ended).toBe(4200);
  });

  it('whose reader is too slow for the goodbye ends once', () => {
    const { ws, socket } = stage();
    ws.answer = 2;
    socket.close(goingAway);
    expect(ws.ended).toBe(4101);
    socket.close(goingAway);
    socket.flush();
  });

  it('is not touched after its end, whoever ended it', () => {
    for (const end of [
      (on: ReturnType<typeof stage>) => on.socket.close(goingAway),
      (on: ReturnType<typeof stage>) => {
        on.ws.ended = 1006;
        on.socket.gone('socket-closed');
      },
    ]) {
      const on = stage();
      on.socket.send('{}');
      end(on);
      on.socket.send('{}');
      on.socket.flush();
      on.clock.advance(limits.heartbeatMs);
      on.socket.heartbeat(on.clock.monotonic());
      on.socket.refuseTooLarge();
      on.socket.close(goingAway);
      expect(on.ws.ended).toBeDefined();
    }
  });

  it('that drops a heartbeat ends too', () => {
    const { clock, ws, socket } = stage();
    ws.answer = 2;
    clock.advance(limits.heartbeatMs);
    socket.heartbeat(clock.monotonic());
    expect(ws.ended).toBe(4101);
    socket.heartbeat(clock.monotonic());
    expect(ws.frames).toHaveLength(1);
  });

  it('cuts what is too long for one frame, and stops at the first that is dropped', () => {
    const { ws, socket } = stage();
    const long = JSON.stringify('x'.repeat(limits.frameBytesMax / 2));
    for (let i = 0; i < 3; i++) socket.send(long);
    socket.flush();
    expect(ws.frames).toHaveLength(3);
    ws.answer = 2;
    for (let i = 0; i < 3; i++) socket.send(long);
    socket.flush();
    expect(ws.frames).toHaveLength(4);
    expect(ws.ended).toBe(4101);
  });
});
