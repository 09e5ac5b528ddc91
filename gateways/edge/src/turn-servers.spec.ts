import { ManualClock } from '@ringback/runtime';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { TurnServers, turnServersSchema, turnServersSetting, type TurnServer } from './turn-servers.ts';

const first: TurnServer = { port: 3478 };
const second: TurnServer = { host: '[2001:db8::2]', port: 3479, tlsPort: 5349 };

function stage() {
  const clock = new ManualClock(0);
  const dead = new Set<number>();
  const asked: [host: string, port: number][] = [];
  const servers = new TurnServers([first, second], clock, async (host, port) => {
    asked.push([host, port]);
    return !dead.has(port);
  });
  servers.start();
  /** Lets the answers of this round arrive, and asks again. */
  const round = async () => {
    await new Promise(setImmediate);
    clock.advance(limits.stunEveryMs);
    await new Promise(setImmediate);
  };
  return { servers, dead, asked, round };
}

describe('TurnServers', () => {
  it('asks each where it is: beside us, or at its address without brackets', async () => {
    const { asked, round } = stage();
    await round();
    expect(asked.slice(0, 2)).toEqual([
      ['127.0.0.1', 3478],
      ['2001:db8::2', 3479],
    ]);
  });

  it('leaves out the one that does not answer, and takes it back when it does', async () => {
    const { servers, dead, round } = stage();
    expect(servers.usable).toEqual([first, second]);
    dead.add(first.port);
    for (let i = 0; i < limits.stunMissesMax; i++) await round();
    expect(servers.usable).toEqual([second]);
    expect(servers.silent).toEqual([first]);
    dead.clear();
    await round();
    expect(servers.usable).toEqual([first, second]);
    expect(servers.silent).toEqual([]);
  });

  it('does not give up on a server for one lost packet', async () => {
    const { servers, dead, round } = stage();
    await round();
    dead.add(first.port);
    await round();
    dead.clear();
    await round();
    expect(limits.stunMissesMax).toBeGreaterThan(1);
    expect(servers.usable).toEqual([first, second]);
  });

  it('hands out all of them when none answers', async () => {
    const { servers, dead, round } = stage();
    dead.add(first.port).add(second.port);
    for (let i = 0; i < limits.stunMissesMax; i++) await round();
    expect(servers.usable).toEqual([first, second]);
    expect(servers.silent).toEqual([first, second]);
  });

  it('asks nothing any more once it is stopped', async () => {
    const { servers, asked, round } = stage();
    await round();
    servers.stop();
    const before = asked.length;
    await round();
    await round();
    expect(asked.length).toBe(before);
  });

  it.each([
    [[]],
    [[{ host: 'turn.example' }]],
    [[{ host: 'turn:turn.example', port: 3478 }]],
    [[{ host: 'turn.example?transport=udp', port: 3478 }]],
    [[{ port: 0 }]],
    [[{ port: 3478, tls: 5349 }]],
    [Array.from({ length: limits.turnServersMax + 1 }, () => ({ port: 3478 }))],
  ])('refuses %j as a list of servers', (given) => {
    expect(turnServersSchema.safeParse(given).success).toBe(false);
  });

  it('reads the list from the environment, and says what is wrong with it', () => {
    expect(turnServersSetting.parse('[{"port":3478}]')).toEqual([{ port: 3478 }]);
    const wrong = turnServersSetting.safeParse('turn.example:3478');
    expect(wrong.error?.issues[0]?.message).toContain('is not JSON');
  });
});
