import { limits, type CallServer } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import {
  able,
  ask,
  at,
  back,
  callServer,
  camera,
  created,
  disconnected,
  fact,
  given,
  host,
  joined,
  left,
  nothing,
  person,
  published,
  reconnected,
  rejected,
  reloaded,
  routed,
  second,
  settled,
  start,
  third,
  type Person,
} from '../testing.ts';
import { connectionIdOf } from './people.ts';

const [a, b, c] = [able(host), able(second), able(third)] as const;
const bot = able(person(4, 'bot'), { audioCodecs: [], videoCodecs: [] });
const look = (...servers: CallServer[]) => ask('system', 'call.route', { servers });
const tick = ask('system', 'call.deadline', {});
const two = [created(), joined(a), joined(b)] as const;
const three = [...two, joined(c)] as const;
const first = callServer(1);
/** Three on a Call Server, and it is over with the mesh. */
const onServer = [...three, routed(1, 'third-joined', 3, first), settled(1)] as const;
const reports = (who: Person, peer: Person, state: 'failed' | 'connected') =>
  fact('call.connection.changed', {
    participantId: who.participantId,
    peerId: peer.participantId,
    connectionId: connectionIdOf(who.instanceId, peer.instanceId),
    state,
  });

describe('to a Call Server', () => {
  it('[RO1] a change says what, why, by which policy and for how many', () => {
    expect(given(...three).state.view).not.toHaveProperty('route');
    expect(given(...three).when(look(first))).toEqual([
      fact('call.route.changed', {
        kind: 'call-server',
        epoch: 1,
        reason: 'third-joined',
        policy: 1,
        people: 3,
        server: first,
      }),
    ]);
    const later = given(...onServer, left(c), routed(2, 'two-again', 2), settled(2), joined(c));
    expect(later.when(look(first))).toEqual([routed(3, 'third-joined', 3, first)]);
  });

  it('[RO2] only the platform asks', () => {
    const question = ask(host, 'call.route', { servers: [first] });
    expect(given(...three).when(question)).toEqual(rejected('not_permitted'));
  });

  it('[RO3] from the third with media on', () => {
    expect(given(...two).when(look(first))).toEqual(nothing);
    expect(given(...two, joined(bot)).when(look(first))).toEqual(nothing);
    expect(given(...three, left(c)).when(look(first))).toEqual(nothing);
    const away = given(...three, disconnected(c, start + limits.graceMs));
    expect(away.when(look(first))).toEqual([routed(1, 'third-joined', 3, first)]);
  });

  it('[RO4] for two where one is not to be connected directly', () => {
    const shy = able(second, { version: 2, peerToPeer: false });
    const call = given(created(), joined(a), joined(shy));
    expect(call.when(look(first))).toEqual([routed(1, 'capabilities', 2, first)]);
    expect(given(created(), joined(shy)).when(look(first))).toEqual(nothing);
  });

  it('[RO5] for two whose connection failed, as either end says', () => {
    const switches = [routed(1, 'p2p-failed', 2, first)];
    expect(given(...two, reports(a, b, 'failed')).when(look(first))).toEqual(switches);
    expect(given(...two, reports(b, a, 'failed')).when(look(first))).toEqual(switches);
    const mended = given(...two, reports(a, b, 'failed'), reports(a, b, 'connected'));
    expect(mended.when(look(first))).toEqual(nothing);
    // A report about an earlier page says nothing about this one.
    const fresh = reports(a, b, 'failed');
    const reload = given(...two, back(able(reloaded(second))), fresh);
    expect(reload.when(look(first))).toEqual(nothing);
  });

  it('[RO6] what failed is not tried again, until a page is another', () => {
    const failed = [...two, reports(a, b, 'failed'), routed(1, 'p2p-failed', 2, first), settled(1)] as const;
    // Reported closed by now, as the leg was given up.
    const later = given(...failed, reports(a, b, 'connected'));
    expect(later.state.view?.route?.failedConnections).toEqual([connectionIdOf(a.instanceId, b.instanceId)]);
    expect(later.when(tick, start + limits.routeCalmMs)).toEqual(nothing);
    const reload = given(...failed, at(start + 1_000, back(able(reloaded(second)))));
    expect(reload.when(tick, start + 999 + limits.routeCalmMs)).toEqual(nothing);
    expect(reload.when(tick, start + 1_000 + limits.routeCalmMs)).toEqual([routed(2, 'two-again', 2)]);
  });

  it('[RO6] the last so many are remembered', () => {
    const others = Array.from({ length: limits.failedConnectionsMax + 1 }, (_, i) =>
      able(person(20 + i, `p${i}`)),
    );
    const crowd = [created(), joined(a), ...others.map((p) => joined(p))];
    const failed = others.map((p) => reports(a, p, 'failed'));
    const { view } = given(...crowd, ...failed, routed(1, 'third-joined', 30, first)).state;
    expect(view?.route?.failedConnections).toEqual(
      others.slice(1).map((p) => connectionIdOf(a.instanceId, p.instanceId)),
    );
  });

  it('[RO7] not without everybody', () => {
    const older = given(...two, joined(third));
    expect(older.when(look(first))).toEqual(nothing);
    const gone = given(...two, joined(third), joined(able(person(5, 'fifth'))), left(third));
    expect(gone.when(look(first))).toEqual([routed(1, 'third-joined', 3, first)]);
    const theora = able(third, {
      audioCodecs: [],
      videoCodecs: [{ mimeType: 'video/theora', clockRate: 90_000 }],
    });
    expect(given(...two, joined(theora)).when(look(first))).toEqual(nothing);
    // Who has no media needs no certificate.
    const { fingerprints: _, ...plainBot } = bot;
    expect(given(...three, joined(plainBot)).when(look(first))).toHaveLength(1);
  });

  it('[RO8] not where there is none', () => {
    expect(given(...three).when(look())).toEqual(nothing);
    expect(given(...two, reports(a, b, 'failed')).when(look())).toEqual(nothing);
  });

  it('[RO9] the near one, then the one with the least load, then the first', () => {
    const [full, idle, equal] = [callServer(9), callServer(2), callServer(3, { load: 0.2 })];
    const far = callServer(0, { region: 'far' });
    const chosen = (region: string | undefined, ...servers: CallServer[]) => {
      const data = { servers, ...(region === undefined ? {} : { region }) };
      const [change] = given(...three).when(ask('system', 'call.route', data)) as ReturnType<typeof routed>[];
      return (change as { data: { server: CallServer } }).data.server;
    };
    expect(chosen('home', far, full, equal, idle)).toEqual(idle);
    expect(chosen('home', far, full)).toEqual(full);
    expect(chosen('nowhere', far, full, idle)).toEqual(far);
    expect(chosen(undefined, full, idle)).toEqual(idle);
  });

  it('[RO9] and no other while it is heard', () => {
    expect(given(...onServer).when(look(callServer(0), { ...first, load: 1 }))).toEqual(nothing);
  });
});

describe('from one to another', () => {
  it('[RO10] one switch at a time', () => {
    const leaving = [...onServer, left(c), routed(2, 'two-again', 2)] as const;
    expect(given(...leaving, joined(c)).when(look(first))).toEqual(nothing);
    expect(given(...leaving, joined(c), settled(2)).when(look(first))).toEqual([
      routed(3, 'third-joined', 3, first),
    ]);
  });

  it('[RO11] a lost one is replaced, in the middle of a switch too', () => {
    const other = callServer(2);
    const moves = [routed(2, 'call-server-lost', 3, other)];
    expect(given(...onServer).when(look(other))).toEqual(moves);
    expect(given(...three, routed(1, 'third-joined', 3, first)).when(look(other))).toEqual(moves);
    // Another life of the same one is another one.
    const reborn = { ...first, gateway: 'media-1/2' };
    expect(given(...onServer).when(look(reborn))).toEqual([routed(2, 'call-server-lost', 3, reborn)]);
  });

  it('[RO11] without another it is a mesh, as far as that goes', () => {
    expect(given(...onServer).when(look())).toEqual([routed(2, 'no-call-server', 3)]);
    const crowd = Array.from({ length: limits.meshMax - 2 }, (_, i) => joined(able(person(20 + i, `p${i}`))));
    expect(given(...onServer, ...crowd).when(look())).toEqual(nothing);
    expect(given(...onServer, ...crowd.slice(1)).when(look())).toEqual([
      routed(2, 'no-call-server', limits.meshMax),
    ]);
    expect(given(...onServer, left(a), left(b), left(c)).when(look(callServer(2)))).toEqual(nothing);
  });

  it('[RO15] one that lost the call begins anew, nobody else’s word counts', () => {
    const failed = (epoch: number, server: CallServer) =>
      ask('system', 'call.server-failed', { epoch, server });
    const now = { ...first, load: 0.7 };
    expect(given(...onServer).when(failed(1, now))).toEqual([routed(2, 'call-server-failed', 3, now)]);
    expect(given(...onServer).when(failed(1, callServer(2)))).toEqual(nothing);
    expect(given(...onServer).when(failed(0, now))).toEqual(nothing);
    expect(given(...three).when(failed(0, now))).toEqual(nothing);
  });
});

describe('back', () => {
  const alone = [...onServer, at(start + 500, left(c))] as const;
  const due = start + 500 + limits.routeCalmMs;

  it('[RO12] when there are two for long enough', () => {
    expect(given(...alone).when(tick, due - 1)).toEqual(nothing);
    expect(given(...alone).when(tick, due)).toEqual([routed(2, 'two-again', 2)]);
    // Before that nothing else asks for it either.
    expect(given(...alone).when(look(first), due)).toEqual(nothing);
    const again = given(...alone, at(start + 900, joined(c)));
    expect(again.when(tick, due + 60_000)).toEqual(nothing);
  });

  it('[RO12] any change of people, pages or capabilities begins the time anew', () => {
    const shifted = start + 2_000 + limits.routeCalmMs;
    for (const change of [
      [left(b), at(start + 2_000, joined(c))],
      [at(start + 2_000, back(able(reloaded(second))))],
      [
        at(
          start + 2_000,
          fact('call.capabilities.announced', {
            participantId: b.participantId,
            capabilities: b.capabilities!,
          }),
        ),
      ],
    ]) {
      const call = given(...alone, ...change);
      expect(call.when(tick, shifted - 1)).toEqual(nothing);
      expect(call.when(tick, shifted)).toEqual([routed(2, 'two-again', 2)]);
    }
    // What they do with their cameras is none.
    const busy = given(...alone, at(start + 2_000, published(b, camera)));
    expect(busy.when(tick, due)).toEqual([routed(2, 'two-again', 2)]);
  });

  it('[RO12] not while one of them is away', () => {
    const away = [...alone, at(due - 1, disconnected(b, due + 100))] as const;
    expect(given(...away).when(tick, due)).toEqual(nothing);
    const here = given(...away, at(due + 50, reconnected(b)));
    expect(here.when(tick, due + 50)).toEqual([routed(2, 'two-again', 2)]);
  });

  it('[RO12] not where two need it', () => {
    const shy = able(second, { version: 2, peerToPeer: false });
    const call = given(created(), joined(a), joined(shy), routed(1, 'capabilities', 2, first), settled(1));
    expect(call.when(tick, start + 60_000)).toEqual(nothing);
  });

  it('[RO13] not for one alone', () => {
    const last = given(...alone, left(b));
    expect(last.when(tick, due + 60_000)).toEqual(nothing);
  });

  it('[RO14] a way back that fails is undone, to the Call Server that is kept', () => {
    const failing = given(...alone, routed(2, 'two-again', 2), reports(a, b, 'failed'));
    expect(failing.when(look(callServer(0), first))).toEqual([routed(3, 'p2p-failed', 2, first)]);
    expect(failing.when(look(callServer(0)))).toEqual([routed(3, 'p2p-failed', 2, callServer(0))]);
    expect(failing.when(look())).toEqual(nothing);
  });
});
