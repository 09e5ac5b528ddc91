import { limits } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import {
  host,
  ask,
  second,
  capabilities,
  third,
  created,
  ended,
  given,
  givenState,
  join,
  joined,
  left,
  locked,
  nothing,
  played,
  reconnected,
  rejected,
  repeated,
  settings,
  uuid,
} from '../testing.ts';

const create = ask(host, 'call.create', settings);

describe('tenants', () => {
  const other = { tenantId: 'other' };

  it('[TN1] a call does not exist for another tenant', () => {
    const call = given(created(), joined(host));
    expect(call.when(join(second, other))).toEqual(rejected('call_unknown'));
    expect(call.when(ask(host, 'call.lock', {}, other))).toEqual(rejected('call_unknown'));
    expect(call.when(ask(host, 'call.create', settings, other))).toEqual(rejected('call_unknown'));
    expect(call.when(ask('system', 'call.deadline', {}, other))).toEqual(rejected('call_unknown'));
    expect(given(created(), ended('empty')).when(join(second, other))).toEqual(rejected('call_unknown'));
  });

  it('[TN1] not even a repeat of a known id is answered to another tenant', () => {
    const call = givenState(played(create, join(host)));
    expect(call.when(join(host, other))).toEqual(rejected('call_unknown'));
  });
});

describe('repeats', () => {
  const lock = ask(host, 'call.lock', {}, { id: uuid(10) });
  const unlock = ask(host, 'call.unlock', {}, { id: uuid(11) });
  const end = ask(host, 'call.end', {}, { id: uuid(12) });

  it('[ID1] a repeated command gets its first reply and adds nothing', () => {
    const call = givenState(played(create, join(host), lock, unlock));
    expect(call.when(lock)).toEqual(repeated(3));
    expect(call.when(unlock)).toEqual(repeated(4));
    expect(call.when(create)).toEqual(repeated(1));
    expect(call.when(join(host))).toEqual(repeated(2));
  });

  it('[ID1] the reply of a command with several events is the last of them, after the end too', () => {
    const call = givenState(played(create, join(host), join(second), end));
    expect(call.state.view?.seq).toBe(6);
    expect(call.when(end)).toEqual(repeated(6));
  });

  it('[ID1] the reply of a command is its own where somebody else used the same id', () => {
    const newsOfSecond = ask(second, 'call.capabilities', { capabilities }, { id: uuid(12) });
    const call = givenState(played(create, join(host), join(second), newsOfSecond, end));
    expect(call.when(newsOfSecond)).toEqual(repeated(4));
    expect(call.when(end)).toEqual(repeated(7));
  });

  it('[ID2] who left asks without a participant, and is known all the same', () => {
    const leave = ask(host, 'call.leave', {}, { id: uuid(13) });
    const { participantId: _, ...again } = leave;
    const call = givenState(played(create, join(host), join(second), leave));
    expect(call.when(again)).toEqual(repeated(4));
    expect(call.when({ ...again, actor: join(second).actor })).toEqual(rejected('not_in_call'));
  });

  it('[ID2] the same id from somebody else is another command', () => {
    const call = givenState(
      played(create, join(host), join(second), ask(second, 'call.leave', {}, { id: uuid(10) })),
    );
    expect(call.when(lock)).toEqual([locked]);
    expect(call.when(ask(third, 'call.create', settings))).toEqual(rejected('call_exists'));
  });

  it('[ID3] as many commands as the limit are remembered, older ones are not', () => {
    const toggles = Array.from({ length: limits.recentCommandsMax + 1 }, (_, i) =>
      ask(host, i % 2 === 0 ? 'call.lock' : 'call.unlock', {}, { id: uuid(100 + i) }),
    );
    const call = givenState(played(create, join(host), ...toggles));
    expect(call.when(toggles[1]!)).toEqual(repeated(4));
    expect(call.when(toggles[0]!)).toEqual(nothing);
  });

  it('[ID4] a join repeated on another session is another join', () => {
    const elsewhere = { ...host, sessionId: uuid(0xc0ff) };
    const joins = played(create, join(host));
    expect(givenState(joins).when(join(elsewhere))).toEqual([reconnected(elsewhere)]);
    expect(givenState(played(create, join(host), join(elsewhere))).when(join(host))).toEqual(repeated(2));
    expect(givenState(played(create, join(host), join(elsewhere))).when(join(elsewhere))).toEqual(
      repeated(3),
    );
  });

  it('[ID5] what changed nothing or was refused is decided again', () => {
    const unlocked = givenState(played(create, join(host)));
    expect(unlocked.when(unlock)).toEqual(nothing);
    expect(givenState(played(create, join(host), unlock, lock)).when(unlock)).not.toEqual(nothing);
    expect(given(created(), joined(host), locked).when(join(second))).toEqual(rejected('call_locked'));
    expect(given(created(), joined(host)).when(join(second))).toEqual([joined(second)]);
  });
});

describe('creating', () => {
  it('[CR1] a person makes a call', () => {
    expect(given().when(create)).toEqual([created()]);
    expect(given().when(ask(second, 'call.create', { ...settings, name: 'Daily' }))).toEqual([
      created({ name: 'Daily', ...{ createdBy: second.userId } }),
    ]);
  });

  it('[CR2] a part of the platform does not', () => {
    expect(given().when(ask('system', 'call.create', settings))).toEqual(rejected('not_permitted'));
  });

  it('[CR3] a call is not made twice', () => {
    expect(given(created()).when(create)).toEqual(rejected('call_exists'));
    expect(given(created(), ended('nobody-came')).when(create)).toEqual(rejected('call_exists'));
  });

  it('[CR4] nothing else can be asked of a call that is not there', () => {
    expect(given().when(join(host))).toEqual(rejected('call_unknown'));
    expect(given().when(ask(host, 'call.leave', {}))).toEqual(rejected('call_unknown'));
    expect(given().when(ask('system', 'call.deadline', {}))).toEqual(rejected('call_unknown'));
  });
});

describe('an ended call', () => {
  it('[EN1] refuses everything', () => {
    const over = given(created(), joined(host), joined(second), left(host), left(second), ended('empty'));
    for (const command of [
      join(host),
      ask(host, 'call.leave', {}),
      ask('system', 'call.deadline', {}),
      ask('system', 'call.disconnect', { reason: 'socket-closed' }, { participantId: host.participantId }),
    ])
      expect(over.when(command)).toEqual(rejected('call_ended'));
  });
});
