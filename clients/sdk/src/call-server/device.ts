import { routerRtpCapabilities } from '@ringback/domain';
import type { types } from 'mediasoup-client';

/** What is used of mediasoup-client's Device. */
export type CallServerDevice = Pick<types.Device, 'createSendTransport' | 'createRecvTransport'>;
export type DeviceTransport = types.Transport;
export type DeviceProducer = types.Producer;
export type DeviceConsumer = types.Consumer;

/** Every Call Server has the same codecs, known beforehand: so nothing has to be asked for on the way into a call. */
export async function loadDevice(): Promise<CallServerDevice> {
  const { Device } = await import('mediasoup-client');
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities: routerRtpCapabilities() as types.RtpCapabilities });
  return device;
}
