import { randomUUID } from 'node:crypto';
import { clientMessageSchema, subjects, type BeatMessage } from '@ringback/schemas';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyText, changed, fuzzOptions } from '../support/fuzz.ts';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { command, join } from '../support/refusals.ts';
import { waitFor } from '../support/wait-for.ts';
import type { WsClient } from '../support/ws-client.ts';

/** Whatever clients say about media, everybody else is left in peace: each message is done or refused, with a code. */

let platform: InProcessPlatform;
let callId: string;
let peer: { client: WsClient; participantId: string };
let epoch: number;
let stopBeats: () => void;
const uncaught: unknown[] = [];
const onFault = (fault: unknown) => void uncaught.push(fault);

const codec = (mimeType: string) => ({ mimeType, clockRate: 90_000 });
const capabilities = {
  version: 2,
  audioCodecs: [{ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, sdpFmtpLine: 'minptime=10' }],
  videoCodecs: [codec('video/VP8'), codec('video/H264')],
  screenShare: true,
  userAgent: 'test',
  headerExtensions: { audio: ['urn:ietf:params:rtp-hdrext:sdes:mid'], video: [] },
  // The only way is a Call Server: a stand-in says that it is there.
  peerToPeer: false,
};
const fingerprints = [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }];
const rtpParameters = {
  mid: '0',
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90_000,
      parameters: { 'x-google-start-bitrate': 1_000 },
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
    },
    { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } },
  ],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4, encrypt: false, parameters: {} }],
  encodings: ['r0', 'r1', 'r2'].map((rid, n) => ({
    ...{ rid, ssrc: 1_000 + n, rtx: { ssrc: 2_000 + n }, active: true },
    ...{ scalabilityMode: 'L1T3', scaleResolutionDownBy: 4 / 2 ** n, maxBitrate: 100_000 * 3 ** n },
  })),
  rtcp: { cname: 'x', reducedSize: true },
};
const trackId = 'camera-1';

beforeAll(async () => {
  process.on('uncaughtExceptionMonitor', onFault);
  platform = await InProcessPlatform.start();
  const beat: BeatMessage = { gateway: 'media-1', incarnation: '1', region: 'local', load: 0 };
  const timer = setInterval(() => platform.bus.publish(subjects.beat('media-1'), beat), 300);
  stopBeats = () => clearInterval(timer);
  callId = await platform.createCall(platform.token('host'));
  peer = await entered('peer');
  const other = await entered('other');
  const route = await waitFor(async () => {
    const event = (await platform.events()).findLast((e) => e.type === 'call.route.changed');
    return event?.data.kind === 'call-server' ? event : undefined;
  }, 'the route by the Call Server');
  epoch = route.data.epoch;
  await other.client.ask(command('call.leave', callId));
});
afterAll(async () => {
  stopBeats();
  await platform.close();
  process.off('uncaughtExceptionMonitor', onFault);
});

/** Somebody in the call with a camera. */
async function entered(userId: string): Promise<{ client: WsClient; participantId: string }> {
  const client = await platform.client(platform.token(userId));
  const participantId = randomUUID();
  await client.ask(join(callId, participantId, { capabilities, fingerprints }));
  const track = { trackId, kind: 'video', source: 'camera', muted: false };
  expect(await client.ask(command('call.publish', callId, { track }))).toMatchObject({ ok: true });
  return { client, participantId };
}

type Message = { type: string; [key: string]: unknown };

/** Done, or refused as the contract has it: what breaks the schema is named, with the place. */
async function held(client: WsClient, message: Message): Promise<string> {
  const id = randomUUID();
  const sent = JSON.parse(JSON.stringify({ id, ...message })) as Message;
  const fits = clientMessageSchema.safeParse(sent).success;
  client.send(sent);
  const reply = await client.reply(id);
  if (reply.ok) {
    expect(fits).toBe(true);
    return 'done';
  }
  const { code, field, message: text } = reply.error;
  expect(text).toMatch(/^\S.{8,}/s);
  if (!fits) expect(code).toBe('invalid');
  if (code === 'invalid' || code === 'rtp_unsupported') expect(field).toMatch(/^(data|tiles|report)/);
  expect(['internal_error', 'unknown_outcome', 'overloaded', 'malformed']).not.toContain(code);
  return code;
}

/** A normal command works, for whoever was fuzzed and for everybody else. */
async function works(client: WsClient): Promise<void> {
  for (const who of [client, peer.client]) {
    expect(who.closed).toBeUndefined();
    expect(await who.ask(command('call.raise-hand', callId))).toMatchObject({ ok: true });
    expect(await who.ask(command('call.lower-hand', callId))).toMatchObject({ ok: true });
  }
  expect(uncaught).toEqual([]);
  const state = await fetch(`${platform.url}/v1/calls/${callId}`, {
    headers: { authorization: `Bearer ${platform.token('host')}` },
  });
  expect(state.status).toBe(200);
}

async function fuzz(userId: string, messages: (mine: string) => fc.Arbitrary<Message>): Promise<void> {
  const { client, participantId } = await entered(userId);
  const outcomes = new Set<string>();
  const property = fc.asyncProperty(messages(participantId), async (message) => {
    outcomes.add(await held(client, message));
  });
  await fc.assert(property, fuzzOptions);
  // Else it was no more than noise, or no noise at all.
  expect([...outcomes]).toEqual(expect.arrayContaining(['done', 'invalid']));
  await works(client);
  await client.ask(command('call.leave', callId));
}

const toPeer = () => ({ to: peer.participantId, connectionId: 'ab' });

describe('fuzzed', () => {
  it('session descriptions', () =>
    fuzz('sdp', () =>
      fc.oneof(
        fc
          .tuple(fc.constantFrom('call.offer', 'call.answer'), anyText)
          .map(([type, text]) => command(type, callId, { ...toPeer(), sdp: `v=0\r\n${text}` })),
        fc
          .tuple(fc.constantFrom('call.offer', 'call.answer'), changed({ ...toPeer(), sdp: 'v=0\r\n' }))
          .map(([type, data]) => command(type, callId, data)),
      ),
    ));

  it('candidates', () =>
    fuzz('candidates', () =>
      fc.oneof(
        anyText.map((text) =>
          command('call.candidate', callId, { ...toPeer(), candidate: { candidate: `candidate:${text}` } }),
        ),
        changed({
          ...toPeer(),
          candidate: {
            candidate: 'candidate:1 1 udp 2122260223 192.0.2.17 54321 typ host',
            sdpMid: '0',
            sdpMLineIndex: 0,
            usernameFragment: 'abcd',
          },
        }).map((data) => command('call.candidate', callId, data)),
      ),
    ));

  it('RTP parameters', () =>
    fuzz('rtp', () =>
      fc
        .uuid({ version: 4 })
        .chain((producerId) => changed({ epoch, producers: [{ producerId, trackId, rtpParameters }] }))
        .map((data) => command('call.produce', callId, data)),
    ));

  it('capabilities and fingerprints', () =>
    fuzz('capabilities', (participantId) =>
      fc.oneof(
        changed({ capabilities }).map((data) => command('call.capabilities', callId, data)),
        changed({ capabilities, fingerprints }).map((more) => join(callId, participantId, more)),
      ),
    ));

  it('transports, bandwidth and switches', () =>
    fuzz('transports', () => {
      const pair = { localCandidateType: 'host', remoteCandidateType: 'srflx', protocol: 'udp' };
      const transport = { direction: 'send', epoch, state: 'connected', pair, restart: true };
      const samples = { availableOutgoingBitrate: 96_000 };
      return fc.oneof(
        changed(transport).map((data) => command('call.transport', callId, data)),
        changed({ decision: 'audio-only', samples }).map((data) => command('call.bandwidth', callId, data)),
        changed({ epoch, samples }).map((data) => command('call.swapped', callId, data)),
      );
    }));

  it('sizes and reports', () =>
    fuzz('signals', () => {
      const sample = {
        leg: 'send',
        connectionState: 'connected',
        bitrateOut: 280_000,
        qualityLimitationReason: 'bandwidth',
      };
      const marks = { token: 12, socket: 40, joined: 55, ice: 140, dtls: 180, firstFrame: 412 };
      return fc.oneof(
        changed({ [randomUUID()]: { width: 640, height: 360, speaking: true } }).map((tiles) => ({
          ...{ type: 'tiles', callId, tiles },
        })),
        changed({ kind: 'quality', samples: [sample] }).map((report) => ({
          ...{ type: 'report', callId, report },
        })),
        changed({ kind: 'join', route: 'p2p', marks }).map((report) => ({
          ...{ type: 'report', callId, report },
        })),
      );
    }));
});
