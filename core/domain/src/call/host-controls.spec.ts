import { describe, expect, it } from 'vitest';
import {
  ask,
  camera,
  created,
  fact,
  given,
  host,
  joined,
  left,
  nothing,
  published,
  rejected,
  second,
  third,
  type Person,
} from '../testing.ts';

const all = [created(), joined(host), joined(second), joined(third)] as const;
const nobody = rejected('participant_unknown', 'data.participantId');

describe('hands', () => {
  const raise = (who: Person) => ask(who, 'call.raise-hand', {});
  const raised = ({ participantId }: Person) => fact('call.hand.raised', { participantId });
  const lower = (who: Person, whose?: Person) =>
    ask(who, 'call.lower-hand', whose === undefined ? {} : { participantId: whose.participantId });
  const lowered = ({ participantId }: Person, by: Person) =>
    fact('call.hand.lowered', { participantId, by: by.participantId });

  it('[HN1] are raised, once', () => {
    expect(given(...all).when(raise(second))).toEqual([raised(second)]);
    expect(given(...all, raised(second)).when(raise(second))).toEqual(nothing);
    const again = given(...all, raised(second), lowered(second, second));
    expect(again.when(raise(second))).toEqual([raised(second)]);
  });

  it('[HN2] are lowered by their owner or a host, once', () => {
    const up = given(...all, raised(second));
    expect(up.when(lower(second))).toEqual([lowered(second, second)]);
    expect(up.when(lower(second, second))).toEqual([lowered(second, second)]);
    expect(up.when(lower(host, second))).toEqual([lowered(second, host)]);
    expect(up.when(lower(host))).toEqual(nothing);
    expect(given(...all).when(lower(host, second))).toEqual(nothing);
  });

  it('[HN3] not by others, nor of who is gone', () => {
    const up = [...all, raised(second)] as const;
    expect(given(...up).when(lower(third, second))).toEqual(rejected('not_host'));
    expect(given(...up, left(second)).when(lower(host, second))).toEqual(nobody);
    expect(given(...all).when(ask(host, 'call.lower-hand', { participantId: 'constructor' }))).toEqual(
      nobody,
    );
  });
});

describe('muting somebody', () => {
  const { trackId } = camera;
  const mute = (who: Person, whose: Person, track = trackId) =>
    ask(who, 'call.mute-participant', { participantId: whose.participantId, trackId: track });
  const muted = fact('call.track.muted', {
    participantId: second.participantId,
    trackId,
    by: host.participantId,
  });
  const sending = [...all, published(second)] as const;

  it('[MU1] a host does, once, and it says who did', () => {
    expect(given(...sending).when(mute(host, second))).toEqual([muted]);
    const silent = given(...sending, muted);
    expect(silent.when(mute(host, second))).toEqual(nothing);
    expect(silent.state.view?.participants[second.participantId]?.tracks[trackId]?.muted).toBe(true);
  });

  it('[MU2] others do not, and it takes somebody’s track', () => {
    expect(given(...sending).when(mute(third, second))).toEqual(rejected('not_host'));
    expect(given(...sending).when(mute(second, second))).toEqual(rejected('not_host'));
    expect(given(...sending, left(second)).when(mute(host, second))).toEqual(nobody);
    for (const track of ['x', 'constructor'])
      expect(given(...sending).when(mute(host, second, track))).toEqual(
        rejected('track_unknown', 'data.trackId'),
      );
  });

  it('[MU3] nobody turns it on again but themselves', () => {
    const silent = given(...sending, muted);
    const unmute = (who: Person) => ask(who, 'call.unmute', { trackId });
    expect(silent.when(unmute(host))).toEqual(rejected('track_unknown', 'data.trackId'));
    expect(silent.when(unmute(second))).toEqual([
      fact('call.track.unmuted', { participantId: second.participantId, trackId }),
    ]);
  });
});

describe('removing somebody', () => {
  const remove = (who: Person, whose: Person) =>
    ask(who, 'call.remove', { participantId: whose.participantId });

  it('[RM1] a host does', () => {
    expect(given(...all).when(remove(host, second))).toEqual([
      fact('call.participant.left', {
        participantId: second.participantId,
        reason: 'removed',
        by: host.participantId,
      }),
    ]);
  });

  it('[RM2] others do not, and nobody removes a host', () => {
    expect(given(...all).when(remove(third, second))).toEqual(rejected('not_host'));
    expect(given(...all, left(second)).when(remove(host, second))).toEqual(nobody);
    const untouchable = rejected('target_is_host', 'data.participantId');
    expect(given(...all).when(remove(host, host))).toEqual(untouchable);
    const cohost = given(created(), joined(host), joined(second, 'host'));
    expect(cohost.when(remove(host, second))).toEqual(untouchable);
  });
});
