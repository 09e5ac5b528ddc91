import { callEvents, type CallEvent, type CallEventBody } from '@ringback/schemas';
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
} from '../testing/sample-call.ts';
import { rowText } from './print.ts';
import { merged, RowMaker } from './rows.ts';
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

const sentences: [CallEventBody, string][] = [
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
function timelineText(columns: number | undefined, facts = sampleFacts): string {
  const terminal = recordingTerminal(columns);
  const rows = new RowMaker(facts);
  return merged(facts, [refusal])
    .map((event) => (event.type === 'call.command.rejected' ? rows.refusal(event) : rows.fact(event)))
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
    const later = { ...sampleFacts[3]!, type: 'call.hand.raised' } as unknown as CallEvent;
    const text = timelineText(undefined, sampleFacts.with(3, later));
    expect(text).toContain('of a kind that this version does not know (call.hand.raised, version 1)');
    expect(text).toContain('muted a track');
  });

  it('can not move the cursor of whoever reads them', () => {
    const facts = [created, joined(host, 'Ho\u001b[2Jst')].map((body, index) => fact(index + 1, body));
    expect(timelineText(80, facts)).not.toContain('\u001b');
  });
});
