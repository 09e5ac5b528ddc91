import { limits, type CommandData, type CommandOf, type TrackDescription } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import {
  host,
  ask,
  second,
  camera,
  capabilities,
  third,
  created,
  disconnected,
  fact,
  given,
  joined,
  left,
  locked,
  nothing,
  published,
  rejected,
  sdp,
  start,
  uuid,
  type Person,
  able,
  callServer,
  routed,
} from '../testing.ts';

const both = [created(), joined(host), joined(second)] as const;
const leave = ask(second, 'call.leave', {});
const publish = (who: Person, track: TrackDescription) => ask(who, 'call.publish', { track });
const ofCamera = { participantId: second.participantId, trackId: camera.trackId };

describe('who may act', () => {
  it('[IN1] those who are in the call, as themselves', () => {
    const no = rejected('not_in_call');
    expect(given(created(), joined(host)).when(leave)).toEqual(no);
    expect(given(...both, left(second)).when(leave)).toEqual(no);
    const { participantId: _, ...nobody } = leave;
    expect(given(...both).when(nobody)).toEqual(no);
    expect(given(...both).when({ ...leave, participantId: host.participantId })).toEqual(no);
    expect(given(...both).when({ ...leave, actor: { kind: 'system', name: 'test' } })).toEqual(no);
    expect(given(...both).when({ ...leave, participantId: '__proto__' })).toEqual(no);
  });

  it('[IN2] on the session that is theirs now', () => {
    expect(given(...both).when({ ...leave, sessionId: uuid(0xc0ff) })).toEqual(rejected('session_replaced'));
    const { sessionId: _, ...without } = leave;
    expect(given(...both).when(without)).toEqual(rejected('session_replaced'));
  });

  it('[IN3] also while they are thought gone', () => {
    const away = given(...both, disconnected(second, start + limits.graceMs));
    expect(away.when(publish(second, camera))).toEqual([published(second)]);
  });
});

describe('leaving and locking', () => {
  const lock = (who: Person) => ask(who, 'call.lock', {});
  const unlock = (who: Person) => ask(who, 'call.unlock', {});

  it('[LE1] who leaves has left', () => {
    expect(given(...both).when(leave)).toEqual([left(second)]);
  });

  it('[LO1] a host locks, once', () => {
    expect(given(...both).when(lock(host))).toEqual([locked]);
    expect(given(...both, locked).when(lock(host))).toEqual(nothing);
  });

  it('[LO2] a host unlocks, once', () => {
    const unlocked = fact('call.unlocked', { by: host.participantId });
    expect(given(...both, locked).when(unlock(host))).toEqual([unlocked]);
    expect(given(...both, locked, unlocked).when(unlock(host))).toEqual(nothing);
  });

  it('[LO3] nobody else locks, unlocks or ends', () => {
    expect(given(...both).when(lock(second))).toEqual(rejected('not_host'));
    expect(given(...both, locked).when(unlock(second))).toEqual(rejected('not_host'));
    expect(given(...both).when(ask(second, 'call.end', {}))).toEqual(rejected('not_host'));
  });
});

describe('tracks', () => {
  const screen: TrackDescription = { ...camera, trackId: 'screen-1', source: 'screen' };

  it('[TR1] publishing', () => {
    expect(given(...both).when(publish(second, camera))).toEqual([published(second, camera)]);
  });

  it('[TR2] one id once a participant', () => {
    const call = given(...both, published(second));
    expect(call.when(publish(second, { ...camera, kind: 'audio' }))).toEqual(
      rejected('track_exists', 'data.track.trackId'),
    );
    expect(call.when(publish(host, camera))).toEqual([published(host)]);
  });

  it('[TR3] so many and no more', () => {
    const tracks = Array.from({ length: limits.tracksPerParticipantMax }, (_, i) =>
      published(second, { ...camera, trackId: `t-${i}` }),
    );
    expect(given(...both, ...tracks).when(publish(second, camera))).toEqual(rejected('track_limit'));
    expect(given(...both, ...tracks.slice(1)).when(publish(second, camera))).toEqual([published(second)]);
  });

  it('[TR4] one screen at a time', () => {
    const call = given(...both, published(second, screen));
    expect(call.when(publish(second, { ...screen, trackId: 'screen-2' }))).toEqual(
      rejected('screen_share_exists'),
    );
    const sound: TrackDescription = { trackId: 's', kind: 'audio', source: 'screen-audio', muted: false };
    expect(call.when(publish(second, sound))).toEqual([published(second, sound)]);
    expect(call.when(publish(host, screen))).toEqual([published(host, screen)]);
  });

  it('[TR5] unpublishing', () => {
    const unpublish = ask(second, 'call.unpublish', { trackId: camera.trackId });
    expect(given(...both, published(second)).when(unpublish)).toEqual([
      fact('call.track.unpublished', ofCamera),
    ]);
  });

  it('[TR6] muting and unmuting, once', () => {
    const call = given(...both, published(second));
    const mute = ask(second, 'call.mute', { trackId: camera.trackId });
    const unmute = ask(second, 'call.unmute', { trackId: camera.trackId });
    expect(call.when(mute)).toEqual([fact('call.track.muted', ofCamera)]);
    expect(call.when(unmute)).toEqual(nothing);
    const silent = given(...both, published(second), fact('call.track.muted', ofCamera));
    expect(silent.when(mute)).toEqual(nothing);
    expect(silent.when(unmute)).toEqual([fact('call.track.unmuted', ofCamera)]);
  });

  it('[TR7] tracks of one’s own', () => {
    const call = given(...both, published(host));
    for (const type of ['call.unpublish', 'call.mute', 'call.unmute'] as const) {
      const command = ask(second, type, { trackId: camera.trackId });
      expect(call.when(command)).toEqual(rejected('track_unknown', 'data.trackId'));
      expect(call.when({ ...command, data: { trackId: 'constructor' } })).toEqual(
        rejected('track_unknown', 'data.trackId'),
      );
    }
  });
});

describe('negotiation, capabilities, connections', () => {
  const connectionId = 'ab';
  const candidate = { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0' };
  const commandsTo = (to: string) => [
    ask(second, 'call.offer', { to, connectionId, sdp }),
    ask(second, 'call.answer', { to, connectionId, sdp }),
    ask(second, 'call.candidate', { to, connectionId, candidate }),
  ];
  const pair = { localCandidateType: 'host', remoteCandidateType: 'relay', protocol: 'udp' } as const;
  const report = (more: Partial<CommandData<'call.connection'>> = {}): CommandOf<'call.connection'> =>
    ask(second, 'call.connection', {
      peerId: host.participantId,
      connectionId,
      state: 'connected',
      pair: { ...pair, relayProtocol: 'udp', currentRoundTripTime: 0.1 },
      ...more,
    });
  const reported = (command: CommandOf<'call.connection'>) =>
    fact('call.connection.changed', { participantId: second.participantId, ...command.data });

  it('[NE1] is passed on as it came, also to those whose grace time runs', () => {
    const from = second.participantId;
    const to = host.participantId;
    const away = given(...both, disconnected(host, start + limits.graceMs));
    for (const call of [given(...both), away])
      expect(commandsTo(to).map((command) => call.when(command))).toEqual([
        [fact('call.offer.sent', { from, to, connectionId, sdp })],
        [fact('call.answer.sent', { from, to, connectionId, sdp })],
        [fact('call.candidate.sent', { from, to, connectionId, candidate })],
      ]);
  });

  it('[NE2] not to oneself', () => {
    for (const command of commandsTo(second.participantId))
      expect(given(...both).when(command)).toEqual(rejected('peer_is_self', 'data.to'));
  });

  it('[NE3] not to somebody who never was there', () => {
    for (const command of [...commandsTo(third.participantId), ...commandsTo('constructor')])
      expect(given(...both).when(command)).toEqual(rejected('peer_unknown', 'data.to'));
  });

  it('[NE4] not to somebody who left', () => {
    for (const command of commandsTo(host.participantId))
      expect(given(...both, left(host)).when(command)).toEqual(rejected('peer_left', 'data.to'));
  });

  it('[CA1] capabilities are announced', () => {
    const other = { ...capabilities, screenShare: false };
    const announced = fact('call.capabilities.announced', {
      participantId: second.participantId,
      capabilities: other,
    });
    const ours = [created(), joined(able(host)), routed(1, 'third-joined', 3, callServer(1))] as const;
    const theora = {
      ...capabilities,
      audioCodecs: [],
      videoCodecs: [{ mimeType: 'video/theora', clockRate: 1 }],
    };
    const tells = (codecs: typeof capabilities) => ask(second, 'call.capabilities', { capabilities: codecs });
    const on = given(...ours, joined(able(second)));
    expect(on.when(tells(theora))).toEqual(rejected('invalid', 'data.capabilities'));
    expect(on.when(tells({ ...theora, videoCodecs: [] }))).toHaveLength(1);
    expect(given(...ours, joined(second)).when(tells(capabilities))).toEqual(
      rejected('invalid', 'data.fingerprints'),
    );
    expect(given(...both).when(ask(second, 'call.capabilities', { capabilities: other }))).toEqual([
      announced,
    ]);
    const after = given(
      ...both,
      fact('call.capabilities.announced', { participantId: second.participantId, capabilities }),
      announced,
    );
    expect(after.state.view?.participants[second.participantId]?.capabilities).toEqual(other);
  });

  it('[CO1] a report is a fact', () => {
    expect(given(...both).when(report())).toEqual([reported(report())]);
    expect(given(...both).when(report({ state: 'connecting', pair: undefined }))).toHaveLength(1);
  });

  it('[CO2] the same report but for the round-trip time changes nothing', () => {
    const call = given(...both, reported(report()));
    expect(call.when(report())).toEqual(nothing);
    const slower = { ...pair, relayProtocol: 'udp', currentRoundTripTime: 0.9 } as const;
    expect(call.when(report({ pair: slower }))).toEqual(nothing);
    for (const change of [
      { state: 'failed' },
      { connectionId: 'other' },
      { pair: undefined },
      { pair: { ...slower, localCandidateType: 'srflx' } },
      { pair: { ...slower, remoteCandidateType: 'srflx' } },
      { pair: { ...slower, protocol: 'tcp' } },
      { pair: { ...slower, relayProtocol: 'tls' } },
    ] as const)
      expect(call.when(report(change))).toEqual([reported(report(change))]);
  });

  it('[CO3] the other end is somebody else in the call', () => {
    const field = 'data.peerId';
    expect(given(...both).when(report({ peerId: second.participantId }))).toEqual(
      rejected('peer_is_self', field),
    );
    expect(given(...both).when(report({ peerId: third.participantId }))).toEqual(
      rejected('peer_unknown', field),
    );
    expect(given(...both, left(host)).when(report())).toEqual(rejected('peer_left', field));
  });
});
