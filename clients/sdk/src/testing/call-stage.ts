import { foldCall } from '@ringback/domain';
import type { CallEvent } from '@ringback/schemas';
import type { Call } from '../call.ts';
import { RingbackClient } from '../client.ts';
import type { RingbackError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { settle } from './fake-clock.ts';
import {
  FakeGateway,
  callId,
  created,
  host,
  joined,
  ok,
  snapshot,
  uuid,
  type FakeSocket,
} from './fake-gateway.ts';

export const instanceId = uuid(201);
export const viewOf = (...events: CallEvent[]) => foldCall([created, ...events])!;
export const hostJoined = joined(2, host, instanceId);

/** Of its error, or `resolved`. */
export const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: RingbackError) => error.code,
  );

/** A client on its first socket, with its join on the way. */
export async function joining(ports: Partial<Ports> = {}) {
  const gateway = new FakeGateway();
  const client = new RingbackClient({
    url: 'http://localhost',
    token: 't',
    ports: { ...gateway.ports, ...ports },
  });
  const call = client.join(callId, { displayName: 'Host', participantId: host, instanceId });
  const seen = { events: [] as number[], names: [] as string[] };
  call.on('event', (e) => seen.events.push(e.sequence));
  call.on('participant-joined', (p) => seen.names.push(`+${p.displayName}`));
  call.on('participant-left', (p) => seen.names.push(`-${p.displayName}`));
  call.on('track-published', ({ track }) => seen.names.push(`+${track.source}`));
  call.on('track-unpublished', ({ track }) => seen.names.push(`-${track.source}`));
  call.on('ended', ({ reason }) => seen.names.push(`ended: ${reason}`));
  return { gateway, client, call, seen, clock: gateway.clock, socket: await gateway.accept() };
}

/** In the call at sequence 2. */
export async function inCall() {
  const it = await joining();
  it.socket.deliver(ok(it.socket.last('call.join').id, 2), snapshot(viewOf(hostJoined)));
  await settle();
  return it;
}

/** The socket is lost and the next one there, with the join on the way. */
export async function nextSocket(
  { gateway }: { gateway: FakeGateway },
  lost: FakeSocket,
): Promise<FakeSocket> {
  lost.fail();
  await gateway.clock.pass(250);
  return gateway.accept();
}

export const endedReason = (call: Call) =>
  new Promise((resolve) => call.on('ended', ({ reason }) => resolve(reason)));
