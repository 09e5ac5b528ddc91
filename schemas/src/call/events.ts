import { z } from 'zod';
import { answerSent } from './answer-sent.ts';
import { callCreated } from './call-created.ts';
import { callEnded } from './call-ended.ts';
import { callLocked } from './call-locked.ts';
import { bandwidthChanged } from './bandwidth-changed.ts';
import { callUnlocked } from './call-unlocked.ts';
import { candidateSent } from './candidate-sent.ts';
import { capabilitiesAnnounced } from './capabilities-announced.ts';
import { connectionChanged } from './connection-changed.ts';
import { consumersCreated } from './consumers-created.ts';
import { encodingsChanged } from './encodings-changed.ts';
import { handLowered } from './hand-lowered.ts';
import { handRaised } from './hand-raised.ts';
import { layersChanged } from './layers-changed.ts';
import { legSwitched } from './leg-switched.ts';
import { offerSent } from './offer-sent.ts';
import { participantDisconnected } from './participant-disconnected.ts';
import { participantJoined } from './participant-joined.ts';
import { participantLeft } from './participant-left.ts';
import { participantReconnected } from './participant-reconnected.ts';
import { producerRefused } from './producer-refused.ts';
import { routeChanged } from './route-changed.ts';
import { routeSettled } from './route-settled.ts';
import { trackMuted } from './track-muted.ts';
import { trackProduced } from './track-produced.ts';
import { trackPublished } from './track-published.ts';
import { trackUnmuted } from './track-unmuted.ts';
import { trackUnpublished } from './track-unpublished.ts';
import { transportChanged } from './transport-changed.ts';
import { transportRestarted } from './transport-restarted.ts';
import { transportsCreated } from './transports-created.ts';

/** Every fact of a call, in the order of its life. */
export const callEvents = [
  callCreated,
  participantJoined,
  participantReconnected,
  participantDisconnected,
  participantLeft,
  capabilitiesAnnounced,
  trackPublished,
  trackUnpublished,
  trackMuted,
  trackUnmuted,
  offerSent,
  answerSent,
  candidateSent,
  connectionChanged,
  routeChanged,
  transportsCreated,
  transportChanged,
  transportRestarted,
  trackProduced,
  producerRefused,
  consumersCreated,
  legSwitched,
  routeSettled,
  layersChanged,
  encodingsChanged,
  bandwidthChanged,
  handRaised,
  handLowered,
  callLocked,
  callUnlocked,
  callEnded,
] as const;

export const callEventSchema = z
  .discriminatedUnion(
    'type',
    callEvents.map((e) => e.schema) as unknown as [
      (typeof callEvents)[number]['schema'],
      ...(typeof callEvents)[number]['schema'][],
    ],
  )
  .meta({ id: 'CallEvent', description: 'A stored fact of a call, as a CloudEvent; `type` says which.' });

/** A stored fact: a CloudEvent. */
export type CallEvent = z.infer<(typeof callEvents)[number]['schema']>;
export type CallEventType = CallEvent['type'];

/** What `decide` returns: the type and its data, before an envelope is put around it. */
export type CallEventBody = {
  [T in CallEventType]: { type: T; data: Omit<Extract<CallEvent, { type: T }>['data'], 'cause'> };
}[CallEventType];

export const callEventsByType: ReadonlyMap<string, (typeof callEvents)[number]> = new Map(
  callEvents.map((e) => [e.type, e]),
);
