import { makeLogger, makeMetrics, ManualClock, seededIds, systemClock, type Clock } from '@ringback/runtime';
import { limits as callLimits, type ServerMessage } from '@ringback/schemas';
import { describe, expect, it, vi } from 'vitest';
import type { ClientSocket } from './client-socket.ts';
import { limits } from './limits.ts';
import { makeEdgeMetrics } from './metrics.ts';
import { Origins } from './origins.ts';
import type { SessionPorts } from './session-ports.ts';
import { comeBackWithinMs, SocketServer } from './socket-server.ts';
import { App, us_listen_socket_close, us_socket_local_port } from './uws.ts';

async function listen(clock: Clock) {
  const metrics = makeEdgeMetrics(makeMetrics('test'), {
    followedCalls: () => 0,
    pendingCommands: () => 0,
  });
  const ports = { clock, ids: seededIds(1), logger: makeLogger('test', 'silent'), metrics };
  const server = new SocketServer(ports as unknown as SessionPorts);
  const app = App();
  server.attachTo(app, new Origins());
  const listening = await new Promise<Parameters<typeof us_listen_socket_close>[0] | false>((resolve) =>
    app.listen('127.0.0.1', 0, resolve),
  );
  if (listening === false) throw new Error('no free port');
  const url = `ws://127.0.0.1:${us_socket_local_port(listening)}/v1/ws`;
  return { metrics, server, app, listening, url };
}

describe('SocketServer', () => {
  it('lets everybody hear something in time, not all at once', async () => {
    const clock = new ManualClock(1_763_576_674_816);
    const { metrics, server, app, listening, url } = await listen(clock);
    const heard: string[][] = [];
    const count = 40;
    await Promise.all(
      Array.from({ length: count }, () => {
        const socket = new WebSocket(url);
        const frames: string[] = [];
        heard.push(frames);
        socket.onmessage = ({ data }) => frames.push(String(data));
        return new Promise((resolve) => (socket.onopen = resolve));
      }),
    );
    const sent = async () => (await metrics.frames.get()).values[0]!.value;
    const stepMs = limits.heartbeatMs / 4 / limits.heartbeatSteps;
    for (let ms = stepMs; ms < limits.heartbeatMs; ms += stepMs) {
      const before = await sent();
      clock.advance(stepMs);
      expect((await sent()) - before).toBeLessThanOrEqual(Math.ceil(count / limits.heartbeatSteps));
    }
    await vi.waitFor(() => expect(heard.every((frames) => frames.includes('[]'))).toBe(true));
    await server.close();
    us_listen_socket_close(listening);
    app.close();
  });

  it('that stops tells everybody to come back, not all at once', async () => {
    const { server, app, listening, url } = await listen(systemClock);
    const byes: number[] = [];
    const codes: number[] = [];
    const count = 40;
    await Promise.all(
      Array.from({ length: count }, () => {
        const socket = new WebSocket(url);
        socket.onmessage = ({ data }) => {
          for (const message of JSON.parse(String(data)) as ServerMessage[])
            if (message.type === 'bye') byes.push(message.retryAfterMs!);
        };
        socket.onclose = ({ code }) => codes.push(code);
        return new Promise((resolve) => (socket.onopen = resolve));
      }),
    );
    await server.close();
    us_listen_socket_close(listening);
    await vi.waitFor(() => expect(codes).toHaveLength(count));
    expect(new Set(codes)).toEqual(new Set([4200]));
    expect(byes).toHaveLength(count);
    expect(Math.min(...byes)).toBeLessThan(limits.comeBackMs / 4);
    expect(Math.max(...byes)).toBeGreaterThan((limits.comeBackMs * 3) / 4);
    expect(Math.max(...byes)).toBeLessThan(limits.comeBackMs);
    app.close();
  });

  it('… and gives many more time than few, but no longer than calls wait for somebody', () => {
    expect(comeBackWithinMs(1)).toBe(limits.comeBackMs);
    expect(comeBackWithinMs(10_000)).toBe(5_000);
    expect(comeBackWithinMs(limits.socketsMax)).toBeLessThan(callLimits.graceMs);
  });

  it('sends to some at once, and looks at what came in between', () => {
    const turns: (() => void)[] = [];
    const clock = Object.assign(new ManualClock(0), { soon: (task: () => void) => void turns.push(task) });
    const gauges = { followedCalls: () => 0, pendingCommands: () => 0 };
    const metrics = makeEdgeMetrics(makeMetrics('test'), gauges);
    const server = new SocketServer({ clock, metrics } as unknown as SessionPorts);
    const flushed: number[] = [];
    const waiting = (n: number) => ({ flush: () => void flushed.push(n) }) as unknown as ClientSocket;
    const count = 2 * limits.flushesAtOnce + 10;
    for (let n = 0; n < count; n++) server.flushLater(waiting(n));
    const places = [server.nothing];
    for (const sent of [limits.flushesAtOnce, 2 * limits.flushesAtOnce, count + 1]) {
      expect(turns).toHaveLength(1);
      turns.pop()!();
      expect(flushed).toHaveLength(sent);
      // Its turn is behind those who wait already.
      if (sent === limits.flushesAtOnce) server.flushLater(waiting(count));
      places.push(server.nothing);
    }
    expect([turns, flushed]).toEqual([[], Array.from({ length: count + 1 }, (_, n) => n)]);
    // What was sent is kept by nobody.
    expect(new Set(places).size).toBe(places.length);
  });
});
