import { limits } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import {
  host,
  ask,
  at,
  second,
  third,
  created,
  disconnected,
  ended,
  given,
  joined,
  left,
  nothing,
  rejected,
  settings,
  start,
} from '../testing.ts';
import { deadlines, nextDeadline } from './deadlines.ts';

const tick = ask('system', 'call.deadline', {});
const { emptyTimeoutMs, durationMsMax } = settings;

describe('deadlines', () => {
  it('[EN2] only the platform passes them', () => {
    expect(given(created()).when(ask(host, 'call.deadline', {}))).toEqual(rejected('not_permitted'));
  });

  it('[EN3] nothing happens before, all of it at its millisecond', () => {
    const call = given(created());
    const due = nextDeadline(call.state.view!)!;
    expect(call.when(tick, due - 1)).toEqual(nothing);
    expect(call.when(tick, due)).toEqual([ended('nobody-came')]);
  });

  it('[EN4] whose grace time is over is lost, the others are not', () => {
    const call = given(
      created(),
      joined(host),
      joined(second),
      joined(third),
      disconnected(host, start + 2_000),
      disconnected(second, start + 1_000),
      disconnected(third, start + 3_000),
    );
    expect(call.when(tick, start + 1_000)).toEqual([left(second, 'lost')]);
    expect(call.when(tick, start + 2_999)).toEqual([left(second, 'lost'), left(host, 'lost')]);
  });

  it('[EN4] of one millisecond they leave in the order they joined', () => {
    const call = given(
      created(),
      at(start + 1, joined(second)),
      at(start + 2, joined(host)),
      disconnected(host, start + 1_000),
      disconnected(second, start + 1_000),
    );
    expect(call.when(tick, start + 1_000)).toEqual([left(second, 'lost'), left(host, 'lost')]);
  });

  it('[EN5] an empty call ends, unless somebody joins', () => {
    const gone = start + 10_000;
    const empty = given(created(), joined(host), at(gone, left(host)));
    expect(empty.when(tick, gone + emptyTimeoutMs - 1)).toEqual(nothing);
    expect(empty.when(tick, gone + emptyTimeoutMs)).toEqual([ended('empty')]);
    const back = given(created(), joined(host), at(gone, left(host)), at(gone + 1, joined(second)));
    expect(back.when(tick, gone + emptyTimeoutMs)).toEqual(nothing);
  });

  it('[EN6] a call that nobody came to ends after the longer of two times', () => {
    const soon = given(created());
    expect(soon.when(tick, start + limits.firstJoinTimeoutMs - 1)).toEqual(nothing);
    expect(soon.when(tick, start + limits.firstJoinTimeoutMs)).toEqual([ended('nobody-came')]);
    const longer = limits.firstJoinTimeoutMs + 60_000;
    const patient = given(created({ emptyTimeoutMs: longer }));
    expect(patient.when(tick, start + longer - 1)).toEqual(nothing);
    expect(patient.when(tick, start + longer)).toEqual([ended('nobody-came')]);
  });

  it('[EN7] the longest time ends it, whoever is in it', () => {
    const call = given(created(), joined(host), joined(second));
    expect(call.when(tick, start + durationMsMax - 1)).toEqual(nothing);
    expect(call.when(tick, start + durationMsMax)).toEqual([
      left(host, 'call-ended'),
      left(second, 'call-ended'),
      ended('max-duration'),
    ]);
  });

  it('[EN8] the end of the call comes before the end of a grace time', () => {
    const call = given(created(), joined(host), joined(second), disconnected(second, start + 1_000));
    expect(call.when(tick, start + durationMsMax)).toEqual([
      left(host, 'call-ended'),
      left(second, 'call-ended'),
      ended('max-duration'),
    ]);
  });

  it('[EN9] a host ends the call: all leave in the order they joined', () => {
    const call = given(
      created(),
      at(start + 2, joined(host)),
      at(start + 1, joined(second)),
      joined(third),
      left(third),
    );
    expect(call.when(ask(host, 'call.end', {}))).toEqual([
      left(second, 'call-ended'),
      left(host, 'call-ended'),
      ended('host', host),
    ]);
  });

  it('[EN10] an open call waits for something, an ended one for nothing', () => {
    const open = given(created(), joined(host), disconnected(host, start + 1_000)).state.view!;
    expect(deadlines(open)).toEqual([
      { kind: 'grace', at: start + 1_000, participantId: host.participantId },
      { kind: 'max-duration', at: start + durationMsMax },
    ]);
    expect(nextDeadline(open)).toBe(start + 1_000);
    expect(nextDeadline(given(created(), joined(host)).state.view!)).toBe(start + durationMsMax);
    expect(
      nextDeadline(given(created(), joined(host), left(host), ended('empty')).state.view!),
    ).toBeUndefined();
  });
});
