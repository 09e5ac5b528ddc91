import { z } from 'zod';
import { commandShape } from '../envelope.ts';
import { trackIdSchema, uuidSchema } from '../ids.ts';
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
 * `call.create` by the HTTP API, `call.disconnect` by gateways, `call.deadline` by the owner's clock.
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
  'call.disconnect': {
    client: false,
    summary: "A participant's socket is gone.",
    data: z.strictObject({ reason: disconnectReasonSchema }),
  },
  'call.deadline': {
    client: false,
    summary: 'A moment that the state was waiting for has come: grace, empty, nobody came, maximum duration.',
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
