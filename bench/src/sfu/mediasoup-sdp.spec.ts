import type { TransportOptions } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { answerTo, offerOf, sentTracks } from './mediasoup-sdp.ts';

const offer = [
  'v=0',
  'o=- 1 2 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 100',
  'a=mid:0',
  'a=rtpmap:100 opus/48000/2',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
  'a=ssrc:11 cname:person',
  'm=video 9 UDP/TLS/RTP/SAVPF 101',
  'a=mid:1',
  'a=rtpmap:101 VP8/90000',
  'a=rtcp-fb:101 nack ',
  'a=rtcp-fb:101 nack pli',
  'a=ssrc:22 cname:person',
  '',
].join('\r\n');

const transport: TransportOptions = {
  id: '0193c1b2-0000-7000-8000-000000000000',
  iceParameters: { usernameFragment: 'ufrag', password: 'secret', iceLite: true },
  iceCandidates: [
    {
      foundation: 'udp1',
      priority: 2,
      ip: '192.0.2.1',
      address: '192.0.2.1',
      protocol: 'udp',
      port: 30_000,
      type: 'host',
    },
    {
      foundation: 'tcp1',
      priority: 1,
      ip: '192.0.2.1',
      address: '192.0.2.1',
      protocol: 'tcp',
      port: 30_000,
      type: 'host',
    },
  ],
  dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: 'AA:BB' }] },
};

describe('sentTracks', () => {
  it('says what the offer says in the words of mediasoup', () => {
    const [audio, video] = sentTracks(offer);
    expect(audio).toMatchObject({
      kind: 'audio',
      rtpParameters: {
        mid: '0',
        codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }],
        headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 }],
        encodings: [{ ssrc: 11 }],
      },
    });
    expect(video!.rtpParameters.codecs[0]!.rtcpFeedback).toEqual([
      { type: 'nack', parameter: '' },
      { type: 'nack', parameter: 'pli' },
    ]);
    expect(video!.rtpParameters.codecs[0]).not.toHaveProperty('channels');
  });
});

describe('answerTo', () => {
  it('takes each section as it was offered, over UDP, and lets the client connect', () => {
    const sections = answerTo(offer, transport).split('m=').slice(1);
    expect(sections).toHaveLength(2);
    expect(sections[0]).toMatch(/^audio 9 UDP\/TLS\/RTP\/SAVPF 100\r\n/);
    expect(sections[1]).toContain('a=rtcp-fb:101 nack\r\n');
    for (const section of sections) {
      expect(section).toContain('a=recvonly\r\n');
      expect(section).toContain('a=setup:passive\r\n');
      expect(section).toContain('a=ice-ufrag:ufrag\r\n');
      expect(section.match(/a=candidate/g)).toHaveLength(1);
    }
  });
});

describe('offerOf', () => {
  it('has one section with the sender of each consumer', () => {
    const text = offerOf(sentTracks(offer), transport);
    expect(text).toContain('a=group:BUNDLE 0 1\r\n');
    expect(text).toContain('a=ssrc:11 cname:person\r\n');
    expect(text.match(/a=sendonly\r\n/g)).toHaveLength(2);
  });
});
