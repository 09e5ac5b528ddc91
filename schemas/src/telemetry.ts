import { z } from 'zod';
import { actorSchema, isoTimeSchema } from './envelope.ts';
import { callIdSchema, tenantIdSchema, uuidSchema } from './ids.ts';
import { candidatePairSchema, participantIdSchema } from './call/values.ts';
import { limits } from './limits.ts';
import { rejectionSchema } from './rejections.ts';

/**
 * Telemetry is not fact: it is written by gateways, not fenced, and lives shorter. A refusal is exactly
 * what somebody who debugs a call looks for.
 */
const envelope = {
  specversion: z.literal('1.0'),
  id: z.string().describe('Unique among telemetry.'),
  source: z.string().describe('/gateways/<id>'),
  subject: callIdSchema.describe('The call.'),
  time: isoTimeSchema.describe('When it was written.'),
  tenantid: tenantIdSchema,
  schemaversion: z.literal(1),
} as const;

export const commandRejected = z
  .strictObject({
    ...envelope,
    type: z.literal('call.command.rejected'),
    causationid: z.string().describe('Id of the refused command.'),
    correlationid: z.string().describe('The same through everything that one request set off.'),
    data: z.strictObject({
      command: z.string().describe('Type of the refused command.'),
      actor: actorSchema,
      rejection: rejectionSchema,
    }),
  })
  .meta({
    id: 'call.command.rejected',
    description: 'A command was refused, with the reason that its sender was given.',
  });
export type CommandRejected = z.infer<typeof commandRejected>;

const measured = z.number().finite().min(0);

/** Names and units of W3C webrtc-stats; counts since the last sample, `bitrate*` in bit/s. */
export const qualitySampleSchema = z
  .strictObject({
    leg: z
      .union([uuidSchema, z.enum(['send', 'recv'])])
      .describe(
        "The other participant's id (peer to peer), or the direction of a transport to the Call Server.",
      ),
    connectionState: z.string().max(16).describe('RTCPeerConnectionState.'),
    pair: candidatePairSchema.optional(),
    currentRoundTripTime: measured.optional().describe('Seconds.'),
    availableOutgoingBitrate: measured.optional().describe('bit/s, as the sender estimates it.'),
    bitrateIn: measured.optional(),
    bitrateOut: measured.optional(),
    packetsLost: measured.optional(),
    packetsReceived: measured.optional(),
    fractionLost: measured.optional().describe('Of what was sent, as the other side reports it.'),
    jitter: measured.optional().describe('Seconds; the worst of the incoming tracks.'),
    concealedSamples: measured.optional(),
    framesPerSecond: measured.optional(),
    frameWidth: measured.optional(),
    frameHeight: measured.optional(),
    framesDropped: measured.optional(),
    freezeCount: measured.optional(),
    qualityLimitationReason: z.enum(['none', 'cpu', 'bandwidth', 'other']).optional(),
  })
  .meta({ id: 'QualitySample', description: 'One sample of one peer connection, in webrtc-stats names.' });
export type QualitySample = z.infer<typeof qualitySampleSchema>;

/** Milliseconds since the person asked to join; absent: it was not needed or did not happen. */
export const joinMarksSchema = z
  .strictObject({
    token: measured.optional().describe('The token is there.'),
    socket: measured.optional().describe('The WebSocket is open and the token accepted.'),
    joined: measured.optional().describe('The join is in the log.'),
    ice: measured.optional().describe('The first ICE connection stands.'),
    dtls: measured.optional().describe('The first DTLS connection stands.'),
    firstFrame: measured.optional().describe('The first frame of somebody else is shown.'),
  })
  .meta({ id: 'JoinMarks', description: 'From the click to the first frame, in milliseconds.' });
export type JoinMarks = z.infer<typeof joinMarksSchema>;

export const reportSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('quality'),
      samples: z.array(qualitySampleSchema).min(1).max(limits.reportSamplesMax),
    }),
    z.strictObject({
      kind: z.literal('join'),
      route: z.enum(['p2p', 'call-server']),
      marks: joinMarksSchema,
    }),
  ])
  .meta({ id: 'Report', description: 'What a client measured.' });
export type Report = z.infer<typeof reportSchema>;

export const clientReported = z
  .strictObject({
    ...envelope,
    type: z.literal('call.client.reported'),
    data: z.strictObject({ participantId: participantIdSchema, report: reportSchema }),
  })
  .meta({ id: 'call.client.reported', description: 'What the client of a participant measured.' });
export type ClientReported = z.infer<typeof clientReported>;

/** What a Call Server measures of one participant: mediasoup's scores (0 to 10) and estimates (bit/s). */
export const transportSampled = z
  .strictObject({
    ...envelope,
    type: z.literal('call.transport.sampled'),
    data: z.strictObject({
      participantId: participantIdSchema,
      availableOutgoingBitrate: measured.optional().describe('bit/s to the participant.'),
      producerScores: z
        .record(z.string(), z.array(measured).max(limits.encodingsMax))
        .describe('By track id.'),
      consumerScores: z.record(z.string(), measured).describe('By consumer id.'),
    }),
  })
  .meta({ id: 'call.transport.sampled', description: 'What the Call Server measured of a participant.' });
export type TransportSampled = z.infer<typeof transportSampled>;

export const telemetryEvents = [commandRejected, clientReported, transportSampled] as const;
export type TelemetryEvent = z.infer<(typeof telemetryEvents)[number]>;
