import {
  callEvents,
  type CallEvent,
  type CallEventBody,
  type Report,
  type TelemetryEvent,
} from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { foldKnown } from '../known.ts';
import {
  host,
  created,
  fact,
  joined,
  guest,
  recordingTerminal,
  refusal,
  sampleFacts,
  startedAt,
} from '../testing/sample-call.ts';
import { rowText } from './print.ts';
import { isFact, isSample, merged, RowMaker } from './rows.ts';
import { sentenceOf } from './sentence.ts';

const codec = (mimeType: string) => ({ mimeType, clockRate: 90_000 });
const instanceId = '5e6f7a8b-9c0d-4e1f-a2b3-c4d5e6f7a8b9';
const other = '00000000-0000-4000-8000-000000000000';
const toHost = { from: guest, to: host, connectionId: 'c-1' };
const relay = {
  localCandidateType: 'relay',
  remoteCandidateType: 'host',
  protocol: 'udp',
  relayProtocol: 'tls',
  currentRoundTripTime: 0.0123,
} as const;
const back = { participantId: host, instanceId, sessionId: other, gateway: 'edge-1' };
const camera = { trackId: 'cam-1', kind: 'video', source: 'camera', muted: true } as const;
const candidate = (text: string) => ({ ...toHost, candidate: { candidate: text } });

const to = host;
const transport = {
  id: other,
  iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true },
  iceCandidates: [],
  dtlsParameters: { fingerprints: [] },
};
const rtpParameters = {
  codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }],
  encodings: [{ rid: 'r0' }, { rid: 'r1' }, { rid: 'r2' }],
};
const microphone = { participantId: host, trackId: 'mic-1' };
const consumer = {
  ...microphone,
  consumerId: other,
  producerId: other,
  kind: 'audio' as const,
  rtpParameters,
};
const server = { gateway: 'media-1/7', region: 'eu', load: 0.12 };
const weighed = {
  command: 'call.route',
  actor: { kind: 'system', name: 'calls' },
  receivedTime: '2025-11-19T18:24:34.816Z',
  same: [],
  data: { servers: [server, server] },
};
const layers = (n: number) => ({ spatialLayer: n, temporalLayer: 2 });

const mediaSentences: [CallEventBody, string][] = [
  [
    {
      type: 'call.route.changed',
      data: {
        ...{ kind: 'call-server', epoch: 1, reason: 'third-joined', policy: 1, people: 3, server },
        cause: weighed,
      } as Extract<CallEventBody, { type: 'call.route.changed' }>['data'],
    },
    'route 1: media goes through the Call Server media-1 (eu, 12 % in use), as more than two people have media; 3 with media, 2 Call Servers to choose from, policy 1',
  ],
  [
    {
      type: 'call.route.changed',
      data: { kind: 'p2p', epoch: 2, reason: 'two-again', policy: 1, people: 2 },
    },
    'route 2: media goes peer to peer, as the Call Server is not needed any more; 2 with media, policy 1',
  ],
  [
    { type: 'call.route.settled', data: { epoch: 1, missing: [] } },
    'everybody shows route 1; the one before is given up',
  ],
  [
    { type: 'call.route.settled', data: { epoch: 1, missing: [guest] } },
    'the route before 1 is given up; no word from Guest',
  ],
  [
    {
      type: 'call.leg.switched',
      data: { participantId: host, epoch: 1, samples: { longestFrameGapMs: 117.25 } },
    },
    'shows everybody by route 1 (longestFrameGapMs 117.25)',
  ],
  [
    {
      type: 'call.transports.created',
      data: { to, instanceId, epoch: 1, send: transport, recv: transport, consumers: [consumer] },
    },
    'made transports of route 1 for Host, with 1 track to receive',
  ],
  [
    {
      type: 'call.transport.changed',
      data: { participantId: host, direction: 'send', epoch: 1, state: 'disconnected', restart: true },
    },
    'send transport disconnected; asks for an ICE restart',
  ],
  [
    {
      type: 'call.transport.changed',
      data: { participantId: host, direction: 'recv', epoch: 1, state: 'connected', pair: relay },
    },
    'recv transport connected by relay/host udp, TURN over tls, 12 ms',
  ],
  [
    {
      type: 'call.transport.restarted',
      data: {
        ...{ to, epoch: 1, direction: 'send', transportId: other },
        iceParameters: transport.iceParameters,
      } as Extract<CallEventBody, { type: 'call.transport.restarted' }>['data'],
    },
    'restarted ICE of the send transport of Host',
  ],
  [
    { type: 'call.track.produced', data: { ...microphone, epoch: 1, producerId: other, rtpParameters } },
    'sends microphone to the Call Server: VP8, 3 encodings',
  ],
  [
    {
      type: 'call.producer.refused',
      data: { to, epoch: 1, trackId: 'mic-1', producerId: other, reason: 'no such codec' },
    },
    'can not take microphone of Host: no such codec',
  ],
  [
    {
      type: 'call.consumers.created',
      data: { to: guest, instanceId: other, epoch: 1, consumers: [consumer] },
    },
    'has more for Guest: microphone of Host',
  ],
  [
    {
      type: 'call.layers.changed',
      data: {
        ...{ to: guest, ...microphone, epoch: 1, before: layers(2), layers: layers(0) },
        ...{ decision: 'layer-down', reason: 'downlink' },
        samples: { availableOutgoingBitrate: 280_400, currentRoundTripTime: 0.04, score: 7 },
      } as Extract<CallEventBody, { type: 'call.layers.changed' }>['data'],
    },
    "gets less of microphone of Host (layers 2/2 → 0/2): the viewer's bandwidth (availableOutgoingBitrate 280 kbit/s, currentRoundTripTime 40 ms, score 7)",
  ],
  [
    {
      type: 'call.layers.changed',
      data: {
        ...{ to: guest, ...microphone, epoch: 1, before: layers(0), layers: null },
        ...{ decision: 'video-off', reason: 'hidden' },
        samples: Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`v${n}`, n])),
      } as Extract<CallEventBody, { type: 'call.layers.changed' }>['data'],
    },
    'does not get microphone of Host any more (layers 0/2 → none): it is not shown (v0 0, v1 1, v2 2, v3 3, v4 4, v5 5, 2 more)',
  ],
  [
    {
      type: 'call.encodings.changed',
      data: { to, epoch: 1, trackId: 'mic-1', producerId: other, maxSpatialLayer: -1 },
    },
    'needs nothing of microphone of Host: nobody watches it',
  ],
  [
    {
      type: 'call.encodings.changed',
      data: { to, epoch: 1, trackId: 'mic-1', producerId: other, maxSpatialLayer: 1 },
    },
    'needs microphone of Host up to layer 1: nobody watches more',
  ],
  [
    {
      type: 'call.bandwidth.changed',
      data: { participantId: host, decision: 'audio-only', samples: { availableOutgoingBitrate: 96_000 } },
    },
    'sends no camera for lack of bandwidth (availableOutgoingBitrate 96 kbit/s)',
  ],
  [
    { type: 'call.bandwidth.changed', data: { participantId: host, decision: 'video', samples: {} } },
    'has bandwidth for the camera again',
  ],
];

const sentences: [CallEventBody, string][] = [
  ...mediaSentences,
  [{ type: 'call.hand.raised', data: { participantId: guest } }, 'raised a hand'],
  [{ type: 'call.hand.lowered', data: { participantId: guest, by: guest } }, 'lowered the hand'],
  [{ type: 'call.hand.lowered', data: { participantId: guest, by: host } }, 'lowered the hand of Guest'],
  [{ type: 'call.track.muted', data: { ...microphone, by: guest } }, 'muted microphone of Host'],
  [
    { type: 'call.participant.left', data: { participantId: guest, reason: 'removed', by: host } },
    'was removed from the call by Host',
  ],
  [created, 'made the call "Weekly planning": up to 8 people, guests allowed, at most 12 h 00 min'],
  [joined(host, 'Host'), 'joined again as host, a guest'],
  [joined(other, 'Late'), 'joined as participant, a guest'],
  [{ type: 'call.participant.reconnected', data: back }, 'is back on a new socket'],
  [{ type: 'call.participant.reconnected', data: { ...back, instanceId: other } }, 'is back with a new page'],
  [
    {
      type: 'call.participant.disconnected',
      data: {
        participantId: host,
        sessionId: other,
        reason: 'socket-closed',
        graceUntil: '2025-11-19T18:25:04.816Z',
      },
    },
    'lost the connection (socket closed); may come back until +0:30.000',
  ],
  [{ type: 'call.participant.left', data: { participantId: host, reason: 'left' } }, 'left'],
  [
    { type: 'call.participant.left', data: { participantId: host, reason: 'lost' } },
    'did not come back in time and is out of the call',
  ],
  [
    { type: 'call.participant.left', data: { participantId: host, reason: 'call-ended' } },
    'left as the call ended',
  ],
  [
    {
      type: 'call.capabilities.announced',
      data: {
        participantId: host,
        capabilities: {
          version: 1,
          audioCodecs: [codec('audio/opus')],
          videoCodecs: [codec('video/VP8'), codec('video/H264'), codec('video/H264')],
          screenShare: true,
          userAgent: '',
        },
      },
    },
    'announced what the device can do: opus, VP8, H264, screen sharing',
  ],
  [
    { type: 'call.track.published', data: { participantId: host, track: camera } },
    'published camera (video), muted',
  ],
  [{ type: 'call.track.unpublished', data: { participantId: host, trackId: 'mic-1' } }, 'stopped microphone'],
  [{ type: 'call.track.muted', data: { participantId: host, trackId: 'mic-1' } }, 'muted microphone'],
  [{ type: 'call.track.unmuted', data: { participantId: host, trackId: 'gone' } }, 'unmuted a track'],
  [{ type: 'call.offer.sent', data: { ...toHost, sdp: 'v=0' } }, 'sent an offer to Host'],
  [{ type: 'call.answer.sent', data: { ...toHost, sdp: 'v=0' } }, 'sent an answer to Host'],
  [
    {
      type: 'call.candidate.sent',
      data: candidate('candidate:1 1 UDP 2122260223 192.0.2.17 54321 typ srflx'),
    },
    'sent a candidate to Host: srflx udp',
  ],
  [{ type: 'call.candidate.sent', data: candidate('') }, 'has no more candidates for Host'],
  [
    {
      type: 'call.connection.changed',
      data: { participantId: guest, peerId: host, connectionId: 'c-1', state: 'connected', pair: relay },
    },
    'P2P with Host connected by relay/host udp, TURN over tls, 12 ms',
  ],
  [
    {
      type: 'call.connection.changed',
      data: { participantId: guest, peerId: other, connectionId: 'c-1', state: 'failed' },
    },
    'P2P with 0000… failed',
  ],
  [{ type: 'call.locked', data: { by: host } }, 'locked the call'],
  [{ type: 'call.unlocked', data: { by: host } }, 'unlocked the call'],
  [{ type: 'call.ended', data: { reason: 'host', by: host } }, 'ended the call after 2 s'],
  [{ type: 'call.ended', data: { reason: 'empty' } }, 'ended the call after 2 s: nobody was in it any more'],
  [{ type: 'call.ended', data: { reason: 'nobody-came' } }, 'ended the call after 2 s: nobody came'],
  [
    { type: 'call.ended', data: { reason: 'max-duration' } },
    'ended the call after 2 s: that is as long as it may last',
  ],
];

describe('sentences', () => {
  const view = foldKnown(sampleFacts.slice(0, 4));

  it.each(sentences)('%o', (body, sentence) => {
    expect(sentenceOf(fact(5, body), view)).toBe(sentence);
  });

  it('there is one for every event', () => {
    const types = new Set(sentences.map(([{ type }]) => type));
    expect(callEvents.map(({ type }) => type).filter((type) => !types.has(type))).toEqual([]);
  });
});

/** Lines without what stands at their ends for the eye's sake. */
function timelineText(
  columns: number | undefined,
  facts = sampleFacts,
  telemetry: readonly TelemetryEvent[] = [refusal],
): string {
  const terminal = recordingTerminal(columns);
  const rows = new RowMaker(facts);
  return merged(facts, telemetry)
    .map((event) => (isFact(event) ? rows.fact(event) : rows.telemetry(event)))
    .map((row) => rowText(terminal, row))
    .join('\n');
}

describe('rows', () => {
  it('on a wide screen', () => {
    expect(timelineText(120)).toMatchInlineSnapshot(`
      "+0:00.000     1  Host                  created                   made the call "Weekly planning": up to 8 people, guests
                                                                       allowed, at most 12 h 00 min
      +0:00.500     2  Host                  participant.joined        joined as host, a guest
      +0:01.000     3  Guest                 participant.joined        joined as participant, a guest
      +0:01.500     4  Host                  track.published           published microphone (audio)
      +0:02.000     5  Host                  track.muted               muted microphone
      +0:02.500     6  Guest                 connection.changed        P2P with Host connected by host/srflx udp
      +0:03.000     7  Host                  locked                    locked the call
      +0:03.250     ✗  guest-late            refused                   call.join refused: The call is locked. Ask somebody
                                                                       inside to unlock it. (call_locked)
      +0:03.500     8  Guest                 participant.left          left
      +0:04.000     9  Host                  participant.left          left as the call ended
      +0:04.500    10  Host                  ended                     ended the call after 4 s"
    `);
  });

  it.each([80, 120])('keep within %i columns', (columns) => {
    for (const line of timelineText(columns).split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  });

  it('are one line each where nobody looks at a screen', () => {
    expect(timelineText(undefined).split('\n')).toHaveLength(sampleFacts.length + 1);
  });

  it('tell people of the same name apart', () => {
    const facts = [created, joined(host, 'Guest'), joined(guest, 'Guest')].map((body, index) =>
      fact(index + 1, body),
    );
    const rows = new RowMaker(facts);
    expect(facts.map((event) => rows.fact(event).actor)).toEqual([
      'guest-host',
      'Guest (3fa4…)',
      'Guest (b81d…)',
    ]);
  });

  it('name an event that is not known, and go on', () => {
    const later = { ...sampleFacts[3]!, type: 'call.star.risen' } as unknown as CallEvent;
    const text = timelineText(undefined, sampleFacts.with(3, later));
    expect(text).toContain('of a kind that this version does not know (call.star.risen, version 1)');
    expect(text).toContain('muted a track');
  });

  it('tell who did it: a host, or the viewer', () => {
    const facts: CallEventBody[] = [
      ...[created, joined(host, 'Host'), joined(guest, 'Guest')],
      { type: 'call.hand.lowered', data: { participantId: guest, by: host } },
      { type: 'call.track.muted', data: { participantId: guest, trackId: 't', by: host } },
      mediaSentences.find(([{ type }]) => type === 'call.layers.changed')![0],
      mediaSentences[0]![0],
    ];
    const all = facts.map((body, index) => fact(index + 1, body));
    const rows = new RowMaker(all);
    expect(all.map((event) => rows.fact(event).actor).slice(3)).toEqual([
      ...['Host', 'Host', 'Guest', 'the platform'],
    ]);
  });

  it('show what was measured: a join in one line, samples as such', () => {
    const reported = (report: Report, ms: number): TelemetryEvent => ({
      ...{ specversion: '1.0', id: String(ms), source: '/gateways/edge-1', schemaversion: 1 },
      ...{ type: 'call.client.reported', subject: sampleFacts[0]!.subject, tenantid: 'default' },
      time: new Date(startedAt + ms).toISOString(),
      data: { participantId: guest, report },
    });
    const marks = { token: 12, socket: 40, joined: 55, ice: 140, dtls: 180, firstFrame: 412.4 };
    const telemetry: TelemetryEvent[] = [
      reported({ kind: 'join', route: 'p2p', marks }, 2_600),
      reported(
        {
          kind: 'quality',
          samples: [
            {
              ...{ leg: host, connectionState: 'connected', currentRoundTripTime: 0.0123 },
              ...{ bitrateIn: 1_204_000, packetsLost: 3, frameWidth: 640, frameHeight: 360 },
            },
            { leg: 'send', connectionState: 'connected' },
          ],
        },
        2_700,
      ),
      {
        ...reported({ kind: 'join', route: 'p2p', marks: { token: 1 } }, 2_800),
        type: 'call.transport.sampled',
        data: {
          participantId: host,
          availableOutgoingBitrate: 900_000,
          producerScores: { t: [10, 9, 0] },
          consumerScores: { c: 8 },
        },
      },
      reported({ kind: 'join', route: 'p2p', marks: { token: 1 } }, 2_900),
    ];
    expect(telemetry.map(isSample)).toEqual([false, true, true, false]);
    const lines = timelineText(undefined, sampleFacts, telemetry).split('\n');
    expect(lines.filter((line) => /^\S+\s+~/.test(line.trim())).map((line) => line.trim())).toEqual([
      '+0:02.600     ~  Guest                 client.reported           first frame after 412 ms: token 12, socket 40, joined 55, ICE 140, DTLS 180, first frame 412',
      '+0:02.700     ~  Guest                 client.reported           P2P with Host connected, 12 ms, in 1204 kbit/s, lost 3, 640×360; send connected',
      '+0:02.800     ~  Host                  transport.sampled         Call Server: 900 kbit/s to them; scores sent 10/9/0, received 8',
      '+0:02.900     ~  Guest                 client.reported           no first frame yet: token 1',
    ]);
  });

  it('can not move the cursor of whoever reads them', () => {
    const facts = [created, joined(host, 'Ho\u001b[2Jst')].map((body, index) => fact(index + 1, body));
    expect(timelineText(80, facts)).not.toContain('\u001b');
  });
});
