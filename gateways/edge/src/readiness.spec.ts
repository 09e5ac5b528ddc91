import { ManualClock, MemoryBus } from '@ringback/runtime';
import { subjects } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { CallServers } from './call-servers.ts';
import { limits } from './limits.ts';
import { readReadiness, type ReadinessPorts } from './readiness.ts';

const first = { port: 3478 };
const second = { host: 'turn2.example', port: 3479 };
const turnPart = (turn: ReadinessPorts['turn']) =>
  readReadiness({
    natsConnectedAt: () => 0,
    owned: () => [true],
    webReady: () => true,
    callServers: () => [],
    gateways: () => ['edge-1'],
    turn,
  }).parts.turn;

describe('the TURN part of /readyz', () => {
  it.each([
    [[], true, 'coturn answers on port 3478, turn2.example:3479'],
    [[second], true, '1 of 2 STUN and TURN servers answer, not turn2.example:3479'],
    [[first, second], false, '0 of 2 STUN and TURN servers answer, not port 3478, turn2.example:3479'],
  ])('names those that do not answer: %j', (silent, ready, detail) => {
    expect(turnPart({ all: [first, second], silent })).toEqual({ ready, required: false, detail });
  });

  it('says what is missing where there is none', () => {
    expect(turnPart(undefined)).toMatchObject({ ready: false, required: false });
  });
});

describe('the Call Server part of /readyz', () => {
  const part = (callServers: string[]) =>
    readReadiness({
      ...{ natsConnectedAt: () => 0, owned: () => [true], webReady: () => true, turn: undefined },
      callServers: () => callServers,
      gateways: () => ['edge-1'],
    });

  it('says what calls can do without one, and that all else is well', () => {
    expect(part([])).toMatchObject({
      ready: true,
      parts: {
        callServer: { ready: false, required: false, detail: expect.stringContaining('peer to peer') },
      },
    });
  });

  it('names those that take calls', () => {
    expect(part(['media-1', 'media-2']).parts.callServer).toMatchObject({
      ready: true,
      detail: expect.stringContaining('media-1, media-2'),
    });
  });
});

describe('the Call Servers that were heard', () => {
  it('are those that take calls, until they are silent', async () => {
    const bus = new MemoryBus();
    const clock = new ManualClock(0);
    const servers = new CallServers(bus, clock);
    const beat = async (gateway: string, load?: number) => {
      bus.publish(subjects.beat(gateway), {
        gateway,
        incarnation: '1',
        ...(load === undefined ? {} : { load }),
      });
      await new Promise((resolve) => setImmediate(resolve));
    };
    await beat('media-2', 0.5);
    await beat('edge-1');
    clock.advance(limits.callServerSilentMs);
    await beat('media-1', 0);
    expect(servers.heard()).toEqual(['media-1', 'media-2']);
    clock.advance(1);
    expect(servers.heard()).toEqual(['media-1']);
    servers.stop();
    await beat('media-2', 0.5);
    expect(servers.heard()).toEqual(['media-1']);
  });
});

describe('after a break of the connection', () => {
  const heardAt = [7, 12];
  const partsAt = (connectedAt: number | undefined) =>
    readReadiness({
      natsConnectedAt: () => connectedAt,
      owned: (since) => heardAt.map((at) => at >= since),
      webReady: () => true,
      callServers: () => [],
      gateways: () => [],
      turn: undefined,
    });

  it('calls are not ready before every owner was heard again', () => {
    expect(partsAt(5)).toMatchObject({ ready: true });
    expect(partsAt(undefined)).toMatchObject({
      ready: false,
      parts: { log: { ready: false }, calls: { ready: false } },
    });
    expect(partsAt(10)).toMatchObject({
      ready: false,
      parts: { log: { ready: true }, calls: { ready: false, detail: 'no owner heard for partitions 0' } },
    });
  });
});
