import type { CallEvent, CallView, ClientMessage, ServerMessage } from '@ringback/schemas';
import type { Ports, SocketLike } from '../ports.ts';
import { FakeClock, settle } from './fake-clock.ts';

/** The gateway's end of one WebSocket. */
export class FakeSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  readonly url: string;
  readonly received: ClientMessage[] = [];
  closedByClient = false;

  constructor(url: string) {
    this.url = url;
  }

  send(data: string): void {
    this.received.push(JSON.parse(data) as ClientMessage);
  }

  close(): void {
    this.closedByClient = true;
  }

  deliver(...messages: ServerMessage[]): void {
    this.onmessage?.({ data: JSON.stringify(messages) });
  }

  fail(code = 1006): void {
    this.onclose?.({ code });
  }

  all<T extends ClientMessage['type']>(type: T): Extract<ClientMessage, { type: T }>[] {
    return this.received.filter((m): m is Extract<ClientMessage, { type: T }> => m.type === type);
  }

  last<T extends ClientMessage['type']>(type: T): Extract<ClientMessage, { type: T }> {
    const message = this.all(type).at(-1);
    if (message === undefined) throw new Error(`no ${type} was received`);
    return message;
  }
}

export const heartbeatMs = 10_000;
export const serverIceServers = [{ urls: ['stun:example.org'] }];

/** Ports of a client whose sockets, time, ids and chance are the test's. */
export class FakeGateway {
  readonly clock = new FakeClock();
  readonly sockets: FakeSocket[] = [];
  random = 0.5;
  #ids = 0;
  readonly #networkListeners = new Set<() => void>();

  get ports(): Partial<Ports> {
    const { sockets } = this;
    return {
      clock: this.clock,
      random: () => this.random,
      uuid: () => uuid(++this.#ids),
      WebSocket: class extends FakeSocket {
        constructor(url: string) {
          super(url);
          sockets.push(this);
        }
      },
      RTCPeerConnection: undefined,
      onNetworkChange: (listener) => {
        this.#networkListeners.add(listener);
        return () => this.#networkListeners.delete(listener);
      },
    };
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }

  changeNetwork(): void {
    for (const listener of this.#networkListeners) listener();
  }

  /** Opens the newest socket and accepts its connect message. */
  async accept(): Promise<FakeSocket> {
    await settle();
    const { socket } = this;
    socket.onopen?.();
    socket.deliver({
      type: 'connected',
      id: socket.last('connect').id,
      sessionId: uuid(9_000 + this.sockets.length),
      userId: 'guest:1',
      gateway: 'edge-1',
      serverTime: this.clock.now(),
      heartbeatMs,
      iceServers: serverIceServers,
    });
    await settle();
    return socket;
  }
}

export const uuid = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const callId = `03-${uuid(1_000)}`;
export const host = uuid(101);
export const guest = uuid(102);

/** The reply to a command. */
export function ok(id: string, seq: number): ServerMessage {
  return { type: 'reply', id, ok: true, callId, seq };
}

export function refused(
  id: string | null,
  code: Extract<ServerMessage, { ok: false }>['error']['code'],
): ServerMessage {
  return { type: 'reply', id, ok: false, error: { code, message: `refused: ${code}` } };
}

type EventOf<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>;

export function event<T extends CallEvent['type']>(
  sequence: number,
  type: T,
  data: EventOf<T>['data'],
): EventOf<T> {
  return {
    specversion: '1.0',
    id: `${callId}/${sequence}`,
    source: '/calls',
    subject: callId,
    time: '2027-01-15T08:00:00.000Z',
    tenantid: 'default',
    sequence,
    partitionkey: callId,
    causationid: uuid(sequence),
    correlationid: uuid(sequence),
    schemaversion: 1,
    codeversion: 'test',
    type,
    data,
  } as unknown as EventOf<T>;
}

/** An event on its way; `after` defaults to the one before. */
export function delivery(event: CallEvent, after = event.sequence - 1): ServerMessage {
  return { type: 'event', callId, seq: event.sequence, after, event };
}

export function joined(
  sequence: number,
  participantId: string,
  instanceId: string,
): EventOf<'call.participant.joined'> {
  return event(sequence, 'call.participant.joined', {
    participantId,
    userId: `user:${participantId}`,
    guest: true,
    role: 'participant',
    displayName: participantId === host ? 'Host' : 'Guest',
    instanceId,
    sessionId: uuid(9_001),
    gateway: 'edge-1',
  });
}

export const created = event(1, 'call.created', {
  createdBy: 'guest:1',
  guestsAllowed: true,
  participantsMax: 8,
  durationMsMax: 3_600_000,
  emptyTimeoutMs: 60_000,
});

export function snapshot(state: CallView, resync = false): ServerMessage {
  return { type: 'snapshot', callId, seq: state.seq, resync, state };
}
