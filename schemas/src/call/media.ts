import { z } from 'zod';
import { trackIdSchema, uuidSchema } from '../ids.ts';
import { limits } from '../limits.ts';
import { fingerprints } from './fingerprints.ts';
import { candidatePairSchema, connectionStateSchema, participantIdSchema } from './values.ts';

/** Words of media that runs through a Call Server. RTP parameters are mediasoup's, which follow ORTC. */

export const routeKindSchema = z.enum(['p2p', 'call-server']).meta({
  id: 'RouteKind',
  description: 'p2p: everybody sends to everybody; call-server: everybody sends to one Call Server.',
});
export type RouteKind = z.infer<typeof routeKindSchema>;

export const routeReasonSchema = z
  .enum([
    'third-joined',
    'p2p-failed',
    'capabilities',
    'two-again',
    'call-server-lost',
    'call-server-failed',
    'no-call-server',
  ])
  .meta({
    id: 'RouteReason',
    description:
      'third-joined: more than two people with media; p2p-failed: a direct connection failed; capabilities: ' +
      'somebody may not connect directly; two-again: none of these any more; ' +
      'call-server-lost: the Call Server was not heard any more; call-server-failed: it said that it lost the call; ' +
      'no-call-server: the one there was is gone and there is no other.',
  });
export type RouteReason = z.infer<typeof routeReasonSchema>;

export const regionSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'must be lower-case letters, digits and hyphens')
  .meta({ id: 'Region', description: 'Where a part of the platform runs, as its operator named it.' });

/** A Call Server as the owner of the call's partition knew it when it decided. */
export const callServerSchema = z
  .strictObject({
    gateway: z.string().max(128).describe('One life of a media gateway: `<gateway>/<incarnation>`.'),
    region: regionSchema,
    load: z.number().min(0).max(1).describe('Share of its capacity in use, 0 to 1, by its own account.'),
  })
  .meta({ id: 'CallServer', description: 'A media gateway that takes calls.' });
export type CallServer = z.infer<typeof callServerSchema>;

/** How the media of a call runs. `epoch` counts the changes: 0 before the first. */
export const routeEpochSchema = z
  .int()
  .min(0)
  .meta({ id: 'RouteEpoch', description: "The number of the call's route: 1 for its first change." });

export const routeSchema = z
  .strictObject({
    kind: routeKindSchema,
    epoch: routeEpochSchema,
    reason: routeReasonSchema,
    since: z.number().describe('Milliseconds since 1970.'),
    server: callServerSchema.optional().describe('Where kind is call-server.'),
    before: z
      .strictObject({ kind: routeKindSchema, epoch: routeEpochSchema, server: callServerSchema.optional() })
      .optional()
      .describe('The route that is still kept, until everybody has switched.'),
    calmSince: z
      .number()
      .optional()
      .describe(
        'Milliseconds since 1970: since when no more than two people with media, and the same pages, are in it.',
      ),
    failedConnections: z
      .array(z.string())
      .max(limits.failedConnectionsMax)
      .describe('Connection ids of peer connections that failed: the same two are not tried again.'),
  })
  .meta({ id: 'Route', description: 'How the media of a call runs, and why.' });
export type Route = z.infer<typeof routeSchema>;

/** W3C webrtc-pc section 5.5.1 RTCDtlsFingerprint; the value in upper case (RFC 8122). */
export const fingerprintSchema = z
  .strictObject({
    algorithm: z.enum(fingerprints.algorithms),
    value: z.string().regex(fingerprints.value, 'must be upper-case hex pairs with colons'),
  })
  .meta({ id: 'RTCDtlsFingerprint', description: 'RTCDtlsFingerprint of W3C webrtc-pc.' });
export type Fingerprint = z.infer<typeof fingerprintSchema>;

/** The page's certificate, made before it is needed: with it the Call Server can start DTLS at once. */
export const fingerprintsSchema = z.array(fingerprintSchema).min(1).max(fingerprints.countMax);

export const directionSchema = z
  .enum(['send', 'recv'])
  .meta({ id: 'TransportDirection', description: 'As the client sees it.' });

/** Media type parameters (RFC 4855 section 3: ASCII). Each is repeated to everybody who receives the track, so both are bounded. */
const parametersSchema = z
  .record(
    z.string().regex(/^[!-~]{1,64}$/, 'must be 1 to 64 visible ASCII characters'),
    z.union([
      z
        .string()
        .max(limits.rtpParameterLengthMax)
        .regex(/^[ -~]*$/, 'must be ASCII'),
      z.number(),
      z.boolean(),
      z.null(),
    ]),
  )
  .refine(
    (parameters) => Object.keys(parameters).length <= limits.rtpParametersMax,
    `must have at most ${limits.rtpParametersMax} entries`,
  );

/** mediasoup RtpParameters (ORTC section 9.2), bounded. */
export const rtpParametersSchema = z
  .strictObject({
    mid: z.string().max(64).optional(),
    msid: z.string().max(256).optional(),
    codecs: z
      .array(
        z.strictObject({
          mimeType: z.string().regex(/^(audio|video)\/[\w.+-]{1,32}$/i, 'must be audio/… or video/…'),
          payloadType: z.int().min(0).max(127),
          clockRate: z.int().min(1).max(1_000_000),
          channels: z.int().min(1).max(16).optional(),
          parameters: parametersSchema.optional(),
          rtcpFeedback: z
            .array(z.strictObject({ type: z.string().max(32), parameter: z.string().max(32).optional() }))
            .max(16)
            .optional(),
        }),
      )
      .min(1)
      .max(limits.producerCodecsMax),
    headerExtensions: z
      .array(
        z.strictObject({
          uri: z.string().max(limits.uriLengthMax),
          id: z.int().min(1).max(255),
          encrypt: z.boolean().optional(),
          parameters: parametersSchema.optional(),
        }),
      )
      .max(limits.headerExtensionsMax)
      .optional(),
    encodings: z
      .array(
        z.strictObject({
          ssrc: z.int().min(0).max(0xffff_ffff).optional(),
          rid: z
            .string()
            .regex(/^[A-Za-z0-9]{1,16}$/)
            .optional(),
          codecPayloadType: z.int().min(0).max(127).optional(),
          rtx: z.strictObject({ ssrc: z.int().min(0).max(0xffff_ffff) }).optional(),
          dtx: z.boolean().optional(),
          scalabilityMode: z
            .string()
            .regex(/^[LS][1-9]T[1-9][A-Za-z0-9_]{0,12}$/)
            .optional(),
          scaleResolutionDownBy: z.number().min(1).max(64).optional(),
          maxBitrate: z.number().min(0).max(1e9).optional(),
          maxFramerate: z.number().min(0).max(1_000).optional(),
          adaptivePtime: z.boolean().optional(),
          priority: z.string().max(16).optional(),
          networkPriority: z.string().max(16).optional(),
          active: z.boolean().optional(),
        }),
      )
      .min(1)
      .max(limits.encodingsMax),
    rtcp: z
      .strictObject({
        cname: z.string().max(256).optional(),
        reducedSize: z.boolean().optional(),
        mux: z.boolean().optional(),
      })
      .optional(),
  })
  .meta({ id: 'RtpParameters', description: "What is sent, as mediasoup's RtpParameters say it (ORTC)." });
export type RtpParameters = z.infer<typeof rtpParametersSchema>;

/** What a client needs to make its end of a transport (mediasoup WebRtcTransport). */
export const transportSchema = z
  .strictObject({
    id: uuidSchema,
    iceParameters: z.strictObject({
      usernameFragment: z.string().max(256),
      password: z.string().max(256),
      iceLite: z.boolean().optional().describe('The Call Server only answers checks (RFC 8445 section 2.5).'),
    }),
    iceCandidates: z
      .array(
        z.strictObject({
          foundation: z.string().max(64),
          priority: z.int().min(0),
          ip: z.string().max(64).optional(),
          address: z.string().max(64),
          protocol: z.enum(['udp', 'tcp']),
          port: z.int().min(1).max(65_535),
          type: z.literal('host'),
          tcpType: z.literal('passive').optional(),
        }),
      )
      .max(32),
    dtlsParameters: z.strictObject({
      role: z.enum(['auto', 'client', 'server']).optional(),
      fingerprints: z
        .array(z.strictObject({ algorithm: z.string().max(32), value: z.string().max(256) }))
        .max(8),
    }),
  })
  .meta({ id: 'TransportOptions', description: "The Call Server's end of a transport." });
export type TransportOptions = z.infer<typeof transportSchema>;
export const iceParametersSchema = transportSchema.shape.iceParameters;

/** Somebody's track on its way to somebody else. */
export const consumerSchema = z
  .strictObject({
    consumerId: uuidSchema,
    producerId: uuidSchema,
    participantId: participantIdSchema.describe('Whose track it is.'),
    trackId: trackIdSchema,
    kind: z.enum(['audio', 'video']),
    rtpParameters: rtpParametersSchema,
  })
  .meta({ id: 'Consumer', description: "Somebody's track on its way to somebody else." });
export type ConsumerDescription = z.infer<typeof consumerSchema>;

/** A track that the client sends to the Call Server; the id is the client's own. */
export const producerSchema = z
  .strictObject({
    producerId: uuidSchema,
    trackId: trackIdSchema,
    rtpParameters: rtpParametersSchema,
  })
  .meta({ id: 'Producer', description: 'A track as it is sent to the Call Server.' });
export type ProducerDescription = z.infer<typeof producerSchema>;

export const layersSchema = z
  .strictObject({
    spatialLayer: z.int().min(0).max(8),
    temporalLayer: z.int().min(0).max(8),
  })
  .meta({ id: 'ConsumerLayers', description: 'Layers of simulcast or SVC, 0 the smallest.' });
export type Layers = z.infer<typeof layersSchema>;

/** The measured values that a decision rests on: webrtc-stats names where there is one, else mediasoup's. */
export const samplesSchema = z
  .record(z.string().max(64), z.number())
  .refine((samples) => Object.keys(samples).length <= limits.samplesMax, 'too many values')
  .meta({
    id: 'Samples',
    description: 'Measured values by name: webrtc-stats names, else those of mediasoup.',
  });
export type Samples = z.infer<typeof samplesSchema>;

export const layersReasonSchema = z
  .enum(['tile-size', 'hidden', 'speaker', 'downlink', 'uplink', 'started'])
  .meta({
    id: 'LayersReason',
    description:
      "tile-size: how large it is shown; hidden: it is not shown; speaker: who speaks goes first; downlink: the viewer's " +
      "bandwidth; uplink: the sender's; started: the first layers of a consumer.",
  });
export type LayersReason = z.infer<typeof layersReasonSchema>;

export const layersDecisionSchema = z
  .enum(['video-on', 'layer-up', 'layer-down', 'video-off', 'audio-only'])
  .meta({
    id: 'LayersDecision',
    description:
      'audio-only: with this one, none of their videos is sent to the viewer for lack of bandwidth.',
  });

export const bandwidthDecisionSchema = z.enum(['audio-only', 'video']).meta({
  id: 'BandwidthDecision',
  description: 'audio-only: the camera is not sent for lack of bandwidth; video: it is again.',
});

/** One end of one transport to the Call Server, as the client reports it. */
export const transportStateSchema = z
  .strictObject({
    epoch: routeEpochSchema,
    state: connectionStateSchema,
    pair: candidatePairSchema.optional().describe('The candidate pair in use, once there is one.'),
  })
  .meta({ id: 'TransportState', description: 'One end of a transport, as the client reports it.' });
