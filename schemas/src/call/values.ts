import { z } from 'zod';
import { trackIdSchema, uuidSchema } from '../ids.ts';
import { limits } from '../limits.ts';

/** Words that several events and commands share. */
export const participantIdSchema = uuidSchema.meta({
  id: 'ParticipantId',
  description: 'One person in one call, on one device.',
});

export const displayNameSchema = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(limits.displayNameLengthMax)
  // Control and direction characters would let one name dress up as another.
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, 'must not contain control characters')
  .meta({ id: 'DisplayName', description: 'The name that others see. No control or direction characters.' });

export const callNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(limits.callNameLengthMax)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')
  .meta({ id: 'CallName', description: 'One line that says what the call is about.' });

/** What is fixed when a call is made; the HTTP body, the command and the fact all have it. */
export const callSettings = {
  name: callNameSchema.optional(),
  guestsAllowed: z.boolean().describe('Whether people without an account may join by link.'),
  participantsMax: z
    .int()
    .min(1)
    .max(limits.participantsMax)
    .describe('So many people may be in it at a time.'),
  durationMsMax: z
    .int()
    .min(1_000)
    .max(limits.callDurationMsMax)
    .describe('Milliseconds after which it ends by itself.'),
  emptyTimeoutMs: z
    .int()
    .min(0)
    .max(limits.emptyTimeoutMsMax)
    .describe('Milliseconds without anybody after which it ends.'),
} as const;

export const trackSourceSchema = z
  .enum(['camera', 'microphone', 'screen', 'screen-audio'])
  .meta({ id: 'TrackSource', description: 'What a track shows or sounds.' });
export type TrackSource = z.infer<typeof trackSourceSchema>;

/** What a track is; `kind` as in W3C MediaStreamTrack. */
export const trackSchema = z
  .strictObject({
    trackId: trackIdSchema,
    kind: z.enum(['audio', 'video']).describe('As MediaStreamTrack.kind.'),
    source: trackSourceSchema,
    muted: z.boolean().describe("Silent or dark by its owner's wish."),
  })
  .meta({ id: 'Track', description: 'A track that somebody sends.' });
export type TrackDescription = z.infer<typeof trackSchema>;

/** One RTCPeerConnection between two client instances; both sides work out the same id. */
export const connectionIdSchema = z.string().min(1).max(limits.idLengthMax).meta({
  id: 'ConnectionId',
  description: 'One RTCPeerConnection between two pages; both sides work out the same id.',
});

/** W3C webrtc-pc section 4.8.1 RTCIceCandidateInit; an empty candidate says that there are no more. */
export const iceCandidateSchema = z
  .strictObject({
    candidate: z
      .string()
      .max(limits.candidateLengthMax)
      .describe('candidate-attribute (RFC 8839); empty: there are no more.'),
    sdpMid: z.string().max(64).nullable().optional().describe('Media stream identification tag.'),
    sdpMLineIndex: z
      .int()
      .min(0)
      .max(1023)
      .nullable()
      .optional()
      .describe('Index of the media line, from 0.'),
    usernameFragment: z.string().max(256).nullable().optional().describe('ICE ufrag of the generation.'),
  })
  .meta({ id: 'RTCIceCandidateInit', description: 'RTCIceCandidateInit of W3C webrtc-pc, field for field.' });

export const sdpSchema = z
  .string()
  .min(1)
  .max(limits.sdpLengthMax)
  .startsWith('v=0', 'must be an SDP (RFC 8866)')
  .meta({ id: 'Sdp', description: 'Session description (RFC 8866).' });

const codecSchema = z
  .strictObject({
    mimeType: z.string().max(64).describe('For example video/VP8.'),
    clockRate: z.int().min(1).max(1_000_000).describe('Hz.'),
    channels: z.int().min(1).max(16).optional().describe('Audio only.'),
    sdpFmtpLine: z.string().max(512).optional().describe('Format parameters as in an SDP.'),
  })
  .meta({ id: 'RTCRtpCodec', description: 'RTCRtpCodec of W3C webrtc-pc, field for field.' });

const headerExtensionsSchema = z.array(z.string().max(limits.uriLengthMax)).max(limits.headerExtensionsMax);

/** What a device can do; codecs as in W3C RTCRtpCodec. */
export const capabilitiesSchema = z
  .strictObject({
    version: z.literal([1, 2]).describe('2 adds headerExtensions and peerToPeer.'),
    audioCodecs: z.array(codecSchema).max(limits.codecsMax).describe('What it can receive, best first.'),
    videoCodecs: z.array(codecSchema).max(limits.codecsMax).describe('What it can receive, best first.'),
    screenShare: z.boolean().describe('Whether it can capture a screen.'),
    userAgent: z.string().max(256).describe('As the browser gives it; for diagnosis only.'),
    headerExtensions: z
      .strictObject({ audio: headerExtensionsSchema, video: headerExtensionsSchema })
      .optional()
      .describe('URIs of the RTP header extensions (RFC 8285) it takes. Version 2.'),
    peerToPeer: z
      .boolean()
      .optional()
      .describe(
        'False: never connect it to others directly, which would tell them its address. Default true. Version 2.',
      ),
  })
  .meta({ id: 'Capabilities', description: 'What a device can send and receive.' });
export type Capabilities = z.infer<typeof capabilitiesSchema>;

/** W3C RTCIceCandidateType. */
export const candidateTypeSchema = z
  .enum(['host', 'srflx', 'prflx', 'relay'])
  .meta({ id: 'RTCIceCandidateType', description: 'How the address was found (RFC 8445).' });

/** The pair in use, in webrtc-stats names; addresses stay out (they are personal). */
export const candidatePairSchema = z
  .strictObject({
    localCandidateType: candidateTypeSchema,
    remoteCandidateType: candidateTypeSchema,
    protocol: z.enum(['udp', 'tcp']).describe('Transport of the pair.'),
    relayProtocol: z
      .enum(['udp', 'tcp', 'tls'])
      .optional()
      .describe('How the TURN server is reached, where one is in use.'),
    currentRoundTripTime: z.number().min(0).max(3600).optional().describe('Seconds.'),
  })
  .meta({
    id: 'CandidatePair',
    description: 'The pair in use, in webrtc-stats names. Addresses stay out: they are personal.',
  });

/** W3C RTCPeerConnectionState, those that are worth a fact. */
export const connectionStateSchema = z
  .enum(['connecting', 'connected', 'disconnected', 'failed', 'closed'])
  .meta({
    id: 'RTCPeerConnectionState',
    description: 'RTCPeerConnectionState of W3C webrtc-pc, without `new`.',
  });

export const roleSchema = z
  .enum(['host', 'participant'])
  .meta({ id: 'Role', description: 'A host may lock, unlock and end the call, mute and remove people.' });

export const leaveReasonSchema = z.enum(['left', 'lost', 'removed', 'call-ended']).meta({
  id: 'LeaveReason',
  description:
    'left: by their own wish; lost: the grace time after a lost socket ended; removed: by a host; call-ended.',
});
export const endReasonSchema = z.enum(['host', 'empty', 'nobody-came', 'max-duration']).meta({
  id: 'EndReason',
  description: 'host: somebody ended it; the others: a deadline did.',
});
export const disconnectReasonSchema = z
  .enum(['socket-closed', 'gateway-lost', 'slow-consumer', 'heartbeat-missed'])
  .meta({ id: 'DisconnectReason', description: 'Why the socket is gone.' });
