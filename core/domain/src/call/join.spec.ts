import { limits } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import {
  able,
  host,
  ask,
  back,
  callServer,
  second,
  capabilities,
  third,
  created,
  disconnected,
  fact,
  given,
  join,
  joined,
  left,
  locked,
  nothing,
  person,
  reconnected,
  reloaded,
  rejected,
  routed,
  socketGone,
  start,
  uuid,
} from '../testing.ts';

const guest = { ...second, guest: true };
const admin = { ...second, admin: true };
const elsewhere = { ...second, sessionId: uuid(0xc0ff) };
const newPage = { ...second, sessionId: uuid(0xc0ff), instanceId: uuid(0xb0ff) };

describe('joining', () => {
  it('[JO1] a person joins on a session', () => {
    expect(given(created()).when(join(second))).toEqual([joined(second)]);
    const { data } = join(second);
    const announced = ask(second, 'call.join', { ...data, capabilities });
    const { type, data: person } = joined(second);
    expect(given(created()).when(announced)).toEqual([{ type, data: { ...person, capabilities } }]);
    expect(given(created()).when(join(able(second)))).toEqual([joined(able(second))]);
    expect(joined(able(second)).data).toHaveProperty('fingerprints');
  });

  it('[JO2] it takes a person and a session', () => {
    const { data, sessionId } = join(second);
    expect(given(created()).when(ask('system', 'call.join', data, { sessionId: sessionId! }))).toEqual(
      rejected('not_permitted'),
    );
    const { sessionId: _, ...withoutSession } = join(second);
    expect(given(created()).when(withoutSession)).toEqual(rejected('not_permitted'));
  });

  it('[JO3] a participant id stays with its user', () => {
    const thief = { ...third, participantId: second.participantId };
    const taken = rejected('participant_taken', 'data.participantId');
    expect(given(created(), joined(second)).when(join(thief))).toEqual(taken);
    expect(given(created(), joined(second), left(second)).when(join(thief))).toEqual(taken);
    // Neither is a host above it.
    expect(given(created(), joined(second)).when(join({ ...thief, admin: true }))).toEqual(taken);
  });

  it('[JO4] joining again on the same session and page changes nothing', () => {
    expect(given(created(), joined(second)).when(join(second))).toEqual(nothing);
  });

  it('[JO5] another session, another page, or the way back: reconnected', () => {
    const inCall = given(created(), joined(second));
    expect(inCall.when(join(elsewhere))).toEqual([reconnected(elsewhere)]);
    const away = given(created(), joined(second), disconnected(second, start + limits.graceMs));
    expect(away.when(join(second))).toEqual([reconnected(second)]);
  });

  it('[JO5] a new page brings its name, and what it can', () => {
    const inCall = given(created(), joined(able(second)));
    const otherPage = { ...second, instanceId: newPage.instanceId, displayName: 'Renamed' };
    expect(inCall.when(join(otherPage))).toEqual([back(otherPage)]);
    expect(inCall.when(join(able(otherPage)))).toEqual([back(able(otherPage))]);
    expect(back(able(otherPage)).data).toMatchObject({ displayName: 'Renamed', capabilities });
    // The same page says the same again: nothing new.
    expect(inCall.when(join(able({ ...elsewhere, displayName: 'Renamed' })))).toEqual([
      reconnected(elsewhere),
    ]);
  });

  it('[JO5] who comes back is not asked again for lock, guests or number', () => {
    const closed = given(created({ participantsMax: 1, guestsAllowed: false }), joined(guest), locked);
    expect(closed.when(join({ ...elsewhere, guest: true }))).toEqual([reconnected(elsewhere)]);
  });

  it('[JO6] the creator and administrators are hosts, others are not', () => {
    expect(given(created()).when(join(host))).toEqual([joined(host, 'host')]);
    expect(given(created()).when(join(admin))).toEqual([joined(admin, 'host')]);
    expect(given(created()).when(join(second))).toEqual([joined(second, 'participant')]);
  });

  it('[JO11] whom a host removed stays out, under any participant id', () => {
    const { participantId } = second;
    const removed = fact('call.participant.left', {
      participantId,
      reason: 'removed',
      by: host.participantId,
    });
    const call = given(created(), joined(host), joined(second), removed);
    expect(call.when(join(second))).toEqual(rejected('removed'));
    expect(call.when(join({ ...second, participantId: uuid(0xa0ff) }))).toEqual(rejected('removed'));
    expect(call.when(join(third))).toEqual([joined(third)]);
    expect(call.when(join(admin))).toEqual([joined(admin, 'host')]);
  });

  it('[JO7] guests stay out where they are not allowed, except as hosts', () => {
    const noGuests = given(created({ guestsAllowed: false }));
    expect(noGuests.when(join(guest))).toEqual(rejected('guests_disabled'));
    expect(noGuests.when(join(second))).toEqual([joined(second)]);
    expect(noGuests.when(join({ ...host, guest: true }))).toEqual([joined({ ...host, guest: true }, 'host')]);
    expect(given(created()).when(join(guest))).toEqual([joined(guest)]);
  });

  it('[JO8] a locked call admits nobody new', () => {
    const call = given(created(), joined(host), joined(third), left(third), locked);
    expect(call.when(join(second))).toEqual(rejected('call_locked'));
    expect(call.when(join(third))).toEqual(rejected('call_locked'));
    expect(call.when(join(admin))).toEqual([joined(admin, 'host')]);
  });

  it('[JO9] no more are in it than its maximum, those thought gone included', () => {
    const full = given(
      created({ participantsMax: 2 }),
      joined(host),
      joined(third),
      disconnected(third, start + 1_000),
    );
    expect(full.when(join(second))).toEqual(rejected('call_full'));
    const room = given(created({ participantsMax: 2 }), joined(host), joined(third), left(third));
    expect(room.when(join(second))).toEqual([joined(second)]);
  });

  it('[JO12] a mesh is no larger than it can be, who has no media comes in', () => {
    const crowd = Array.from({ length: limits.meshMax }, (_, i) => joined(person(0x100 + i, `user-${i}`)));
    const large = { participantsMax: 50 };
    const bot = able(third, { audioCodecs: [], videoCodecs: [] });
    const mesh = given(created(large), ...crowd);
    expect(mesh.when(join(second))).toEqual(rejected('call_full'));
    expect(mesh.when(join(bot))).toEqual([joined(bot)]);
    expect(given(created(large), ...crowd.slice(1), joined(bot)).when(join(second))).toEqual([
      joined(second),
    ]);
    const server = given(created(large), ...crowd, routed(1, 'third-joined', 8, callServer(1)));
    expect(server.when(join(able(second)))).toEqual([joined(able(second))]);
  });

  it('[JO13] through a Call Server nobody comes who would be without media there', () => {
    const on = [created(), joined(able(host)), routed(1, 'third-joined', 3, callServer(1))] as const;
    const opera = { audioCodecs: [], videoCodecs: [{ mimeType: 'video/theora', clockRate: 90_000 }] };
    const { capabilities: _, ...nameless } = able(third);
    const { fingerprints: __, ...plain } = able(third);
    const { fingerprints: ___, ...bot } = able(third, { audioCodecs: [], videoCodecs: [] });
    for (const [page, field] of [
      [third, 'data.fingerprints'],
      [plain, 'data.fingerprints'],
      [nameless, 'data.capabilities'],
      [able(third, opera), 'data.capabilities'],
    ] as const) {
      expect(given(...on).when(join(page))).toEqual(rejected('invalid', field));
      expect(given(created(), joined(host)).when(join(page))).toEqual([joined(page)]);
    }
    expect(given(...on).when(join(bot))).toEqual([joined(bot)]);
    expect(given(...on).when(join(able(third, { videoCodecs: [] })))).toHaveLength(1);
    // Nor back on a new page; on the same one nothing has changed.
    const there = [...on, joined(able(third))] as const;
    expect(given(...there).when(join(reloaded(plain)))).toEqual(rejected('invalid', 'data.fingerprints'));
    expect(given(...there).when(join(reloaded(nameless)))).toEqual([back(reloaded(nameless))]);
    expect(given(...there).when(join({ ...third, sessionId: uuid(0xc0fe) }))).toHaveLength(1);
  });

  it('[JO10] a call remembers so many people and admits nobody beyond them', () => {
    const many = Array.from({ length: limits.participantsEverMax }, (_, i) => person(0x100 + i, `user-${i}`));
    const crowd = many.flatMap((p) => [joined(p), left(p)]);
    expect(given(created(), ...crowd).when(join(second))).toEqual(rejected('call_full'));
    expect(given(created(), ...crowd).when(join(many[7]!))).toEqual([joined(many[7]!)]);
    expect(given(created(), ...crowd.slice(2)).when(join(second))).toEqual([joined(second)]);
  });
});

describe('lost sockets', () => {
  it('[DI1] only the platform says so', () => {
    const { data, sessionId } = socketGone(second);
    const own = ask(second, 'call.disconnect', data, { sessionId: sessionId! });
    expect(given(created(), joined(second)).when(own)).toEqual(rejected('not_permitted'));
  });

  it('[DI2] the grace time runs from now', () => {
    expect(given(created(), joined(second)).when(socketGone(second), start + 5_000)).toEqual([
      disconnected(second, start + 5_000 + limits.graceMs),
    ]);
    const away = given(created(), joined(second), disconnected(second, start + limits.graceMs));
    expect(away.state.view?.participants[second.participantId]).toMatchObject({
      presence: 'disconnected',
      graceUntil: start + limits.graceMs,
    });
  });

  it('[DI3] late news changes nothing', () => {
    const moved = given(created(), joined(second), reconnected(elsewhere));
    expect(moved.when(socketGone(second))).toEqual(nothing);
    expect(moved.when(socketGone(elsewhere))).not.toEqual(nothing);
    const away = given(created(), joined(second), disconnected(second, start + limits.graceMs));
    expect(away.when(socketGone(second), start + 5_000)).toEqual(nothing);
    expect(given(created(), joined(second), left(second)).when(socketGone(second))).toEqual(nothing);
    expect(given(created()).when(socketGone(second))).toEqual(nothing);
  });
});
