import { routerRtpCapabilities } from '@ringback/domain';
import type { types } from 'mediasoup-client';

/** What is used of mediasoup-client's Device. */
export type CallServerDevice = Pick<types.Device, 'createSendTransport' | 'createRecvTransport'>;
export type DeviceTransport = types.Transport;
export type DeviceProducer = types.Producer;
export type DeviceConsumer = types.Consumer;

let shared: Promise<CallServerDevice> | undefined;

/** The page's one device, made when it is first asked for; after a failure, anew. */
export function loadDevice(): Promise<CallServerDevice> {
  shared ??= makeDevice().catch((error: unknown) => {
    shared = undefined;
    throw error;
  });
  return shared;
}

/**
 * Gets ready, before a call, what speaks WebRTC with a Call Server: to be called in a lobby, where nobody waits for
 * it. What goes wrong is told to who joins.
 */
export function preloadCallServer(): void {
  loadDevice().catch(() => {});
}

/** Every Call Server has the same codecs, known beforehand: so nothing has to be asked for on the way into a call. */
async function makeDevice(): Promise<CallServerDevice> {
  const { Device } = await import('mediasoup-client');
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities: routerRtpCapabilities() as types.RtpCapabilities });
  return device;
}
