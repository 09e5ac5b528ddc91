import {
  layerStack,
  receiveCapabilities,
  routerRtpCapabilities,
  type Endpoint,
  type GraphProducer,
  type LayerStack,
  type MediaKind,
  type RtpCapabilities,
} from '@ringback/domain';
import type { ConsumerDescription, RtpParameters, TransportOptions } from '@ringback/schemas';
import type { types } from 'mediasoup';
import { limits } from './limits.ts';

/** What is there on a router, and the mediasoup calls that make it. Each function does one thing and keeps no state. */

export interface LiveEndpoint extends Endpoint {
  readonly key: string;
  readonly send: types.WebRtcTransport;
  readonly recv: types.WebRtcTransport;
  /** Transports whose ICE was restarted, until their client is seen on them again. */
  readonly restarted: Set<'send' | 'recv'>;
  /** What it receives. */
  readonly consumers: Set<LiveConsumer>;
  /** The last estimate for the receive transport that was asked for. bit/s. */
  availableOutgoingBitrate: number | undefined;
  /** What goes to the participant, over the worker's last seconds. bit/s. */
  sendBitrate: number | undefined;
}

export interface LiveProducer {
  readonly key: string;
  readonly endpoint: LiveEndpoint;
  readonly trackId: string;
  readonly kind: MediaKind;
  readonly isScreen: boolean;
  readonly stack: LayerStack;
  readonly producer: types.Producer;
  /** Everybody's. */
  readonly consumers: Set<LiveConsumer>;
}

export interface LiveConsumer {
  readonly key: string;
  /** Who receives it. */
  readonly endpoint: LiveEndpoint;
  readonly from: LiveProducer;
  readonly consumer: types.Consumer;
}

/** Both transports of a page, DTLS waiting for the certificate that the page named. */
export async function openEndpoint(
  router: types.Router,
  webRtcServer: types.WebRtcServer,
  key: string,
  endpoint: Endpoint,
): Promise<LiveEndpoint> {
  const options = {
    webRtcServer,
    enableUdp: true,
    enableTcp: true,
    preferUdp: true,
    iceConsentTimeout: limits.iceConsentSeconds,
    initialAvailableOutgoingBitrate: limits.initialOutgoingBitrateBps,
  };
  const made = await Promise.allSettled([
    router.createWebRtcTransport(options),
    router.createWebRtcTransport(options),
  ]);
  const [send, recv] = made.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
  const failed = made.find((result) => result.status === 'rejected');
  if (send === undefined || recv === undefined) {
    send?.close();
    recv?.close();
    throw failed?.reason as Error;
  }
  // The client is always the DTLS client, so its certificate is all that has to be known beforehand.
  const dtlsParameters = {
    role: 'client' as const,
    fingerprints: endpoint.fingerprints.map((f) => ({ ...f })),
  };
  try {
    await Promise.all([send.connect({ dtlsParameters }), recv.connect({ dtlsParameters })]);
  } catch (error) {
    send.close();
    recv.close();
    throw error;
  }
  const nothing = { restarted: new Set<'send' | 'recv'>(), consumers: new Set<LiveConsumer>() };
  return {
    ...endpoint,
    key,
    send,
    recv,
    ...nothing,
    availableOutgoingBitrate: undefined,
    sendBitrate: undefined,
  };
}

/**
 * Asks the worker for its estimate. Asked, not told by trace events: those come once a second for every transport, and
 * this process took 28 ms of CPU a second with a hundred of them, 6 ms without.
 */
export async function estimateBandwidth(endpoint: LiveEndpoint): Promise<void> {
  try {
    const [stats] = await endpoint.recv.getStats();
    endpoint.availableOutgoingBitrate = stats?.availableOutgoingBitrate;
    endpoint.sendBitrate = stats?.sendBitrate;
  } catch {
    // It was closed on the way.
  }
}

/** @throws what mediasoup says where it can not take these parameters. */
export async function openProducer(
  endpoint: LiveEndpoint,
  key: string,
  wanted: GraphProducer,
  isScreen: boolean,
): Promise<LiveProducer> {
  const { producerId, trackId, kind, rtpParameters } = wanted;
  const producer = await endpoint.send.produce({
    id: producerId,
    kind,
    // Checked against the contract; where the two differ mediasoup's own check decides.
    rtpParameters: rtpParameters as types.RtpParameters,
    keyFrameRequestDelay: limits.keyFrameRequestDelayMs,
  });
  const stack = layerStack(rtpParameters);
  return { key, endpoint, trackId, kind, isScreen, stack, producer, consumers: new Set() };
}

export async function openConsumer(
  endpoint: LiveEndpoint,
  from: LiveProducer,
  key: string,
  rtpCapabilities: RtpCapabilities,
): Promise<LiveConsumer> {
  const consumer = await endpoint.recv.consume({
    producerId: from.producer.id,
    rtpCapabilities: rtpCapabilities as types.RtpCapabilities,
    // Nothing is sent before the client is ready for it: the first key frame must not be lost.
    paused: true,
  });
  return { key, endpoint, from, consumer };
}

const router = routerRtpCapabilities();

/** For mediasoup's `consume()`. */
export function capabilitiesFor(endpoint: Endpoint, kind: MediaKind): RtpCapabilities {
  return receiveCapabilities(router, endpoint.capabilities, kind);
}

/** What the client needs to make its end. */
export function describeTransport(transport: types.WebRtcTransport): TransportOptions {
  const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
  return { id, iceParameters, iceCandidates, dtlsParameters };
}

export function describeConsumer({ consumer, from }: LiveConsumer): ConsumerDescription {
  return {
    consumerId: consumer.id,
    producerId: consumer.producerId,
    participantId: from.endpoint.participantId,
    trackId: from.trackId,
    kind: from.kind,
    rtpParameters: consumer.rtpParameters as RtpParameters,
  };
}
