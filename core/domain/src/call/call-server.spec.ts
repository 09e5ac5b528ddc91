import type { Command, CommandData, ProducerDescription, RtpParameters } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import {
  able,
  ask,
  back,
  callServer,
  camera,
  created,
  fact,
  given,
  host,
  joined,
  left,
  nothing,
  produced,
  producer,
  published,
  rejected,
  reloaded,
  routed,
  second,
  settled,
  third,
  uuid,
} from '../testing.ts';

const [a, b, c] = [able(host), able(second), able(third)] as const;
const first = callServer(1);
const three = [created(), joined(a), joined(b), joined(c), published(b)] as const;
const onServer = [...three, routed(1, 'third-joined', 3, first), settled(1)] as const;
const { participantId, instanceId } = b;
const { trackId } = camera;

const iceParameters = { usernameFragment: 'u', password: 'p', iceLite: true };
const transport = { id: uuid(0xd1), iceParameters, iceCandidates: [], dtlsParameters: { fingerprints: [] } };
const { rtpParameters } = producer(1);
const consumer = {
  consumerId: uuid(0xd2),
  producerId: uuid(0xd3),
  participantId: a.participantId,
  trackId,
  kind: 'video',
  rtpParameters,
} as const;
const about = { to: participantId, epoch: 1 };
const words = {
  'call.transports': {
    ...about,
    instanceId,
    send: transport,
    recv: transport,
    consumers: [consumer],
  },
  'call.consumers': { ...about, instanceId, consumers: [consumer] },
  'call.transport-restarted': { ...about, direction: 'send', transportId: uuid(0xd1), iceParameters },
  'call.producer-refused': { ...about, trackId, producerId: uuid(0xd3), reason: 'unsupported codec' },
  'call.layers': {
    ...about,
    participantId: a.participantId,
    trackId,
    decision: 'layer-down',
    layers: { spatialLayer: 0, temporalLayer: 2 },
    before: null,
    reason: 'downlink',
    samples: { availableOutgoingBitrate: 280_000 },
  },
  'call.encodings': { ...about, trackId, producerId: uuid(0xd3), maxSpatialLayer: 1 },
} as const satisfies { [T in Command['type']]?: unknown };
const told = {
  'call.transports': 'call.transports.created',
  'call.consumers': 'call.consumers.created',
  'call.transport-restarted': 'call.transport.restarted',
  'call.producer-refused': 'call.producer.refused',
  'call.layers': 'call.layers.changed',
  'call.encodings': 'call.encodings.changed',
} as const;
type Word = keyof typeof words;
const all = Object.keys(words) as Word[];
const say = (type: Word, more: object = {}) =>
  ask('system', type, { ...words[type], ...more } as unknown as CommandData<Word>);
describe('what a Call Server says', () => {
  it('[CS1] is the platform’s to say', () => {
    const commands: Command[] = [
      ...all.map((type) => ({ ...say(type), actor: ask(b, 'call.leave', {}).actor }) as Command),
      ask(b, 'call.server-failed', { epoch: 1, server: first }),
    ];
    for (const command of commands)
      expect(given(...onServer).when(command)).toEqual(rejected('not_permitted'));
  });

  it('[CS2] is told to whom it is for', () => {
    for (const type of all)
      expect(given(...onServer).when(say(type))).toEqual([{ type: told[type], data: words[type] }]);
  });

  it('[CS3] comes too late for another route', () => {
    const moved = given(...onServer, routed(2, 'call-server-failed', 3, first));
    const direct = given(...onServer, left(c), routed(2, 'two-again', 2), settled(2));
    for (const call of [moved, direct, given(...three)]) {
      for (const type of all) expect([type, call.when(say(type))]).toEqual([type, nothing]);
    }
    expect(direct.when(say('call.layers', { epoch: 2 }))).toEqual(nothing);
  });

  it('[CS3] and for who is gone', () => {
    const without = given(...onServer, left(b));
    for (const type of all) expect([type, without.when(say(type))]).toEqual([type, nothing]);
    for (const type of all) expect(without.when(say(type, { to: 'constructor' }))).toEqual(nothing);
    const reload = given(...onServer, back(able(reloaded(second))));
    expect(reload.when(say('call.transports'))).toEqual(nothing);
    expect(reload.when(say('call.transports', { instanceId: reloaded(second).instanceId }))).toHaveLength(1);
    expect(reload.when(say('call.layers'))).toHaveLength(1);
    expect(reload.when(say('call.consumers'))).toEqual(nothing);
  });

  it('[CS4] keeps its route going until the switch is over', () => {
    const leaving = given(...onServer, left(c), routed(2, 'two-again', 2));
    const again = given(...onServer, left(c), routed(2, 'two-again', 2), routed(3, 'p2p-failed', 2, first));
    const keeps: Word[] = ['call.transport-restarted', 'call.layers', 'call.encodings'];
    for (const call of [leaving, again]) {
      for (const type of all)
        expect(call.when(say(type))).toEqual(
          keeps.includes(type) ? [{ type: told[type], data: words[type] }] : nothing,
        );
      expect(call.when(ask('system', 'call.server-failed', { epoch: 1, server: first }))).toEqual(nothing);
    }
    // The mesh that is kept has none.
    const coming = given(...three, routed(1, 'third-joined', 3, first));
    for (const type of all) expect(coming.when(say(type, { epoch: 0 }))).toEqual(nothing);
  });

  it('[FO7] changes nothing but the sequence', () => {
    const before = given(...onServer).state.view!;
    const facts = all.map((type) => ({ type: told[type], data: words[type] }) as Parameters<typeof given>[0]);
    for (const body of facts)
      expect(given(...onServer, body).state.view).toEqual({ ...before, seq: before.seq + 1 });
  });
});

describe('sending to the Call Server', () => {
  const produce = (epoch: number, ...producers: ProducerDescription[]) =>
    ask(b, 'call.produce', { epoch, producers });
  const microphone = { trackId: 'm', kind: 'audio', source: 'microphone', muted: false } as const;
  const opus: RtpParameters = {
    codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000 }],
    encodings: [{}],
  };
  const sound = { ...producer(2, 'm'), rtpParameters: opus };
  const call = given(...onServer, published(b, microphone));

  it('[PR1] each track is a fact, in the order given', () => {
    expect(call.when(produce(1, sound, producer(1)))).toEqual([
      produced(b, 1, sound),
      produced(b, 1, producer(1)),
    ]);
    const sent = given(...onServer, produced(b, 1, producer(1)));
    expect(sent.when(produce(1, producer(3)))).toEqual([produced(b, 1, producer(3))]);
  });

  it('[PR2] by the present route', () => {
    const stale = rejected('route_stale', 'data.epoch');
    expect(call.when(produce(0, sound))).toEqual(stale);
    expect(call.when(produce(2, sound))).toEqual(stale);
    expect(given(...three).when(produce(0, producer(1)))).toEqual(stale);
    const direct = given(...onServer, left(c), routed(2, 'two-again', 2));
    expect(direct.when(produce(2, producer(1)))).toEqual(stale);
    expect(direct.when(produce(1, producer(1)))).toEqual(stale);
  });

  it('[PR3] with an id and a track of its own each', () => {
    const taken = rejected('producer_exists', 'data.producers.1.producerId');
    const theirs = given(...onServer, published(b, microphone), published(a), produced(a, 1, producer(1)));
    expect(theirs.when(produce(1, sound, producer(1)))).toEqual(taken);
    expect(call.when(produce(1, sound, { ...producer(1), producerId: sound.producerId }))).toEqual(taken);
    expect(call.when(produce(1, producer(1), producer(3)))).toEqual(
      rejected('producer_exists', 'data.producers.1.trackId'),
    );
  });

  it('[PR4] of tracks that are published', () => {
    for (const unknown of ['x', 'constructor'])
      expect(call.when(produce(1, producer(1, unknown)))).toEqual(
        rejected('track_unknown', 'data.producers.0.trackId'),
      );
    expect(given(...onServer, left(b), joined(b)).when(produce(1, producer(1)))).toEqual(
      rejected('track_unknown', 'data.producers.0.trackId'),
    );
  });

  it('[PR5] with RTP parameters that fit the track and themselves', () => {
    const at = 'data.producers.0.rtpParameters';
    const vp8 = rtpParameters.codecs[0]!;
    const withRtp = (more: Partial<RtpParameters>) =>
      call.when(produce(1, { ...producer(1), rtpParameters: { ...rtpParameters, ...more } }));
    const rtx = { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000 };
    expect(withRtp({ codecs: [{ ...vp8, mimeType: 'VIDEO/vp8' }, rtx] })).toHaveLength(1);
    expect(withRtp({ codecs: [vp8, ...opus.codecs] })).toEqual(
      rejected('rtp_unsupported', `${at}.codecs.1.mimeType`),
    );
    expect(withRtp({ codecs: [vp8, { ...rtx, payloadType: 96 }] })).toEqual(
      rejected('rtp_unsupported', `${at}.codecs`),
    );
    const twice = [1, 1].map((id) => ({ uri: `urn:${id}`, id }));
    expect(withRtp({ headerExtensions: twice })).toEqual(
      rejected('rtp_unsupported', `${at}.headerExtensions`),
    );
    expect(withRtp({ encodings: [{ rid: 'r0' }, { rid: 'r0' }] })).toEqual(
      rejected('rtp_unsupported', `${at}.encodings`),
    );
    expect(withRtp({ encodings: [{}, {}] })).toHaveLength(1);
  });

  it('[PR6] all or nothing', () => {
    expect(call.when(produce(1, sound, producer(1, 'x')))).toEqual(
      rejected('track_unknown', 'data.producers.1.trackId'),
    );
  });
});

describe('transports', () => {
  const pair = { localCandidateType: 'host', remoteCandidateType: 'host', protocol: 'udp' } as const;
  const report = (more: Partial<CommandData<'call.transport'>> = {}) =>
    ask(b, 'call.transport', {
      direction: 'send',
      epoch: 1,
      state: 'connected',
      pair: { ...pair, currentRoundTripTime: 0.01 },
      ...more,
    });
  const reported = ({ data }: ReturnType<typeof report>) =>
    fact('call.transport.changed', { participantId, ...data });

  it('[TP1] a report is a fact, also of the route that is kept', () => {
    expect(given(...onServer).when(report())).toEqual([reported(report())]);
    const leaving = given(...onServer, left(c), routed(2, 'two-again', 2));
    expect(leaving.when(report({ state: 'failed' }))).toEqual([reported(report({ state: 'failed' }))]);
  });

  it('[TP2] the same but for the round-trip time is none, except to restart', () => {
    const call = given(...onServer, reported(report()));
    expect(call.when(report())).toEqual(nothing);
    expect(call.when(report({ pair: { ...pair, currentRoundTripTime: 0.9 } }))).toEqual(nothing);
    for (const change of [
      { direction: 'recv' },
      { state: 'disconnected' },
      { pair: { ...pair, protocol: 'tcp' } },
      { restart: true },
    ] as const)
      expect(call.when(report(change))).toEqual([reported(report(change))]);
    // A restart is asked for again as often as it takes.
    const restarting = given(...onServer, reported(report({ restart: true })));
    expect(restarting.when(report({ restart: true }))).toHaveLength(1);
    expect(restarting.when(report())).toEqual(nothing);
  });

  it('[TP3] of any other route it changes nothing', () => {
    expect(given(...onServer).when(report({ epoch: 2 }))).toEqual(nothing);
    expect(given(...three).when(report({ epoch: 0 }))).toEqual(nothing);
    const direct = given(...onServer, left(c), routed(2, 'two-again', 2), settled(2));
    expect(direct.when(report())).toEqual(nothing);
    expect(direct.when(report({ epoch: 2 }))).toEqual(nothing);
  });

  it('[BW1] what becomes of the uplink is a fact, once', () => {
    const samples = { availableOutgoingBitrate: 90_000 };
    const decided = (decision: 'audio-only' | 'video') =>
      fact('call.bandwidth.changed', { participantId, decision, samples });
    const decide = (decision: 'audio-only' | 'video') => ask(b, 'call.bandwidth', { decision, samples });
    expect(given(...three).when(decide('audio-only'))).toEqual([decided('audio-only')]);
    const narrow = given(...three, decided('audio-only'));
    expect(narrow.when(decide('audio-only'))).toEqual(nothing);
    expect(narrow.when(decide('video'))).toEqual([decided('video')]);
  });
});
