import { z } from 'zod';
import { commandShape } from '../envelope.ts';
import { trackIdSchema, uuidSchema } from '../ids.ts';
import { limits } from '../limits.ts';
import {
  bandwidthDecisionSchema,
  callServerSchema,
  consumerSchema,
  directionSchema,
  fingerprintsSchema,
  iceParametersSchema,
  layersDecisionSchema,
  layersReasonSchema,
  layersSchema,
  producerSchema,
  regionSchema,
  routeEpochSchema,
  samplesSchema,
  transportSchema,
  transportStateSchema,
} from './media.ts';
import {
  callSettings,
  candidatePairSchema,
  capabilitiesSchema,
  connectionIdSchema,
  connectionStateSchema,
  disconnectReasonSchema,
  displayNameSchema,
  iceCandidateSchema,
  participantIdSchema,
  sdpSchema,
  trackSchema,
} from './values.ts';

const none = z.strictObject({});
const aTrack = z.strictObject({ trackId: trackIdSchema });
const toPeer = {
  to: participantIdSchema.describe('Who it is for.'),
  connectionId: connectionIdSchema,
};

/**
 * What may be asked of a call. `client`: may come over the WebSocket. The others are made by the platform:
 * `call.create` by the HTTP API, `call.disconnect` by gateways, `call.deadline` by the owner's clock, `call.route`
 * by the owner, the rest by media gateways.
 */
export const commandDefinitions = {
  'call.create': {
    client: false,
    summary: 'Make a call and fix its limits.',
    data: z.strictObject(callSettings),
  },
  'call.join': {
    client: true,
    summary: 'Be in the call, on this session; also the way back after a lost socket or a reload.',
    data: z.strictObject({
      participantId: participantIdSchema.describe('Made by you; keep it, to come back as the same person.'),
      instanceId: uuidSchema.describe('Made anew by each page (or bot) instance.'),
      displayName: displayNameSchema,
      capabilities: capabilitiesSchema.optional().describe('What your device can send and receive.'),
      fingerprints: fingerprintsSchema
        .optional()
        .describe('Of the certificate that this page will use for the Call Server; without it, none.'),
      gateway: z.string().max(64).optional().describe('Filled in by the gateway.'),
    }),
  },
  'call.leave': { client: true, summary: 'Be no longer in the call.', data: none },
  'call.lock': { client: true, summary: 'Let nobody new in. Hosts only.', data: none },
  'call.unlock': { client: true, summary: 'Let people in again. Hosts only.', data: none },
  'call.end': { client: true, summary: 'End the call for everyone. Hosts only.', data: none },
  'call.publish': {
    client: true,
    summary: 'Say that a track is being sent.',
    data: z.strictObject({ track: trackSchema }),
  },
  'call.unpublish': { client: true, summary: 'Say that a track is no longer sent.', data: aTrack },
  'call.mute': { client: true, summary: "Mute one's own track.", data: aTrack },
  'call.unmute': { client: true, summary: "Unmute one's own track.", data: aTrack },
  'call.offer': {
    client: true,
    summary: 'Send an SDP offer to one participant.',
    data: z.strictObject({ ...toPeer, sdp: sdpSchema }),
  },
  'call.answer': {
    client: true,
    summary: 'Send an SDP answer to one participant.',
    data: z.strictObject({ ...toPeer, sdp: sdpSchema }),
  },
  'call.candidate': {
    client: true,
    summary: 'Send an ICE candidate to one participant.',
    data: z.strictObject({ ...toPeer, candidate: iceCandidateSchema }),
  },
  'call.capabilities': {
    client: true,
    summary: 'Say what this device can do, when that changed.',
    data: z.strictObject({ capabilities: capabilitiesSchema }),
  },
  'call.connection': {
    client: true,
    summary: 'Report the state of a peer connection.',
    data: z.strictObject({
      peerId: participantIdSchema.describe('Who is at the other end.'),
      connectionId: connectionIdSchema,
      state: connectionStateSchema,
      pair: candidatePairSchema.optional().describe('The candidate pair in use, once there is one.'),
    }),
  },
  'call.transport': {
    client: true,
    summary: 'Report the state of a transport to the Call Server, or ask for an ICE restart.',
    data: z.strictObject({
      direction: directionSchema,
      ...transportStateSchema.shape,
      restart: z.boolean().optional().describe('True: restart ICE. Default false.'),
    }),
  },
  'call.produce': {
    client: true,
    summary: 'Send published tracks to the Call Server.',
    data: z.strictObject({
      epoch: routeEpochSchema,
      producers: z.array(producerSchema).min(1).max(limits.tracksPerParticipantMax),
    }),
  },
  'call.swapped': {
    client: true,
    summary: "Say that everybody's media is shown by the new route.",
    data: z.strictObject({
      epoch: routeEpochSchema,
      samples: samplesSchema.optional().describe('What the switch cost, as measured here.'),
    }),
  },
  'call.bandwidth': {
    client: true,
    summary: 'Say that the camera is not sent any more for lack of bandwidth, or is again.',
    data: z.strictObject({ decision: bandwidthDecisionSchema, samples: samplesSchema }),
  },
  'call.raise-hand': { client: true, summary: 'Ask to speak.', data: none },
  'call.lower-hand': {
    client: true,
    summary: "Take one's hand down; a host takes anybody's down.",
    data: z.strictObject({
      participantId: participantIdSchema.optional().describe('Whose hand. Default: your own.'),
    }),
  },
  'call.mute-participant': {
    client: true,
    summary: "Mute somebody else's track. Hosts only; only they themselves can unmute it.",
    data: z.strictObject({ participantId: participantIdSchema, trackId: trackIdSchema }),
  },
  'call.remove': {
    client: true,
    summary: 'Remove somebody from the call; they can not join it again. Hosts only.',
    data: z.strictObject({ participantId: participantIdSchema }),
  },
  'call.route': {
    client: false,
    summary:
      "Look whether the media should take another way. The owner's, with what it knows of Call Servers.",
    data: z.strictObject({
      servers: z.array(callServerSchema).max(limits.callServersMax).describe('Those that were heard lately.'),
      region: regionSchema.optional().describe('Where most of the people are.'),
    }),
  },
  'call.server-failed': {
    client: false,
    summary: 'The Call Server lost the media of this call and is ready to build it anew.',
    data: z.strictObject({ epoch: routeEpochSchema, server: callServerSchema }),
  },
  'call.transports': {
    client: false,
    summary: 'The Call Server made the transports for somebody.',
    data: z.strictObject({
      to: participantIdSchema,
      instanceId: uuidSchema,
      epoch: routeEpochSchema,
      send: transportSchema,
      recv: transportSchema,
      consumers: z.array(consumerSchema),
    }),
  },
  'call.transport-restarted': {
    client: false,
    summary: 'The Call Server restarted ICE of a transport.',
    data: z.strictObject({
      to: participantIdSchema,
      epoch: routeEpochSchema,
      direction: directionSchema,
      transportId: uuidSchema,
      iceParameters: iceParametersSchema,
    }),
  },
  'call.consumers': {
    client: false,
    summary: "The Call Server made consumers of others' tracks for somebody.",
    data: z.strictObject({
      to: participantIdSchema,
      instanceId: uuidSchema,
      epoch: routeEpochSchema,
      consumers: z.array(consumerSchema).min(1),
    }),
  },
  'call.producer-refused': {
    client: false,
    summary: 'The Call Server can not take a track.',
    data: z.strictObject({
      to: participantIdSchema,
      epoch: routeEpochSchema,
      trackId: trackIdSchema,
      producerId: uuidSchema,
      reason: z.string().max(500),
    }),
  },
  'call.layers': {
    client: false,
    summary: "The Call Server sends somebody more or less of somebody's video.",
    data: z.strictObject({
      to: participantIdSchema,
      participantId: participantIdSchema,
      trackId: trackIdSchema,
      epoch: routeEpochSchema,
      decision: layersDecisionSchema,
      layers: layersSchema.nullable(),
      before: layersSchema.nullable(),
      reason: layersReasonSchema,
      samples: samplesSchema,
    }),
  },
  'call.encodings': {
    client: false,
    summary: 'The Call Server needs no more than these layers of a track.',
    data: z.strictObject({
      to: participantIdSchema,
      epoch: routeEpochSchema,
      trackId: trackIdSchema,
      producerId: uuidSchema,
      maxSpatialLayer: z.int().min(-1).max(8),
    }),
  },
  'call.disconnect': {
    client: false,
    summary: "A participant's socket is gone.",
    data: z.strictObject({ reason: disconnectReasonSchema }),
  },
  'call.deadline': {
    client: false,
    summary:
      'A moment that the state was waiting for has come: grace, a switch of the route, empty, nobody came, maximum duration.',
    data: none,
  },
} as const satisfies Record<string, { client: boolean; summary: string; data: z.ZodType }>;

export type CommandType = keyof typeof commandDefinitions;
export type CommandData<T extends CommandType> = z.infer<(typeof commandDefinitions)[T]['data']>;

const base = z.strictObject(commandShape);

/** A command on its way to the owner of its call. */
export type Command = {
  [T in CommandType]: z.infer<typeof base> & { type: T; data: CommandData<T> };
}[CommandType];
export type CommandOf<T extends CommandType> = Extract<Command, { type: T }>;

const commandSchemas = (Object.keys(commandDefinitions) as CommandType[]).map((type) =>
  z.strictObject({ ...commandShape, type: z.literal(type), data: commandDefinitions[type].data }),
);
export const commandSchema = z.discriminatedUnion(
  'type',
  commandSchemas as unknown as [(typeof commandSchemas)[number]],
) as unknown as z.ZodType<Command>;

export type ClientCommandType = {
  [T in CommandType]: (typeof commandDefinitions)[T]['client'] extends true ? T : never;
}[CommandType];
export const clientCommandTypes = (Object.keys(commandDefinitions) as CommandType[]).filter(
  (type): type is ClientCommandType => commandDefinitions[type].client,
);
