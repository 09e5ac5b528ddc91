import { randomUUID } from 'node:crypto';
import type { ServerMessage } from '@ringback/schemas';
import { waitFor } from './wait-for.ts';

type Reply = Extract<ServerMessage, { type: 'reply' }>;
type Delivery = Extract<ServerMessage, { type: 'event' }>;

/** A bare client of the edge protocol: says what it is told to, keeps everything it hears. Not the SDK on purpose. */
export class WsClient {
  readonly heard: ServerMessage[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.heard.push(...(JSON.parse(String(data)) as ServerMessage[]));
    socket.onclose = ({ code, reason }) => (this.closed = { code, reason });
    // What went wrong is in the close that follows.
    socket.onerror = () => {};
  }

  /** Opens a socket; `token` connects it too. */
  static async open(url: string, token?: string): Promise<WsClient> {
    const client = new WsClient(new WebSocket(`${url.replace(/^http/, 'ws')}/v1/ws`));
    await waitFor(() => client.#socket.readyState !== WebSocket.CONNECTING, 'the socket to open');
    if (client.#socket.readyState !== WebSocket.OPEN) throw new Error('the socket did not open');
    if (token !== undefined) {
      client.send({ type: 'connect', id: randomUUID(), protocol: 1, token });
      await waitFor(() => client.of('connected')[0], 'the connected message');
    }
    return client;
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  sendRaw(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  /** Sends and waits for the reply. */
  async ask(message: { type: string; [key: string]: unknown }, id: string = randomUUID()): Promise<Reply> {
    this.send({ id, ...message });
    return this.reply(id);
  }

  reply(id: string): Promise<Reply> {
    return waitFor(() => {
      const reply = this.of('reply').find((r) => r.id === id);
      if (reply === undefined && this.closed !== undefined)
        throw new Error(`closed with ${this.closed.code} before the reply`);
      return reply;
    }, `the reply to ${id}`);
  }

  of<T extends ServerMessage['type']>(type: T): Extract<ServerMessage, { type: T }>[] {
    return this.heard.filter((m): m is Extract<ServerMessage, { type: T }> => m.type === type);
  }

  /** Everything delivered of one call, in the order it came. */
  deliveries(callId: string): Delivery[] {
    return this.of('event').filter((m) => m.callId === callId);
  }

  close(): void {
    this.#socket.close();
  }
}

/** What is wrong with a recipient's deliveries: gaps, repeats, disorder. Empty where nothing is. */
export function faultsOf(deliveries: readonly Delivery[], start: number): string[] {
  const faults: string[] = [];
  let last = start;
  for (const { seq, after, event } of deliveries) {
    if (after !== last) faults.push(`${seq} says it follows ${after}, but ${last} came before`);
    if (seq !== event.sequence) faults.push(`${seq} holds event ${event.sequence}`);
    last = seq;
  }
  return faults;
}

/** POST with JSON, answer as JSON. */
export async function post<T>(url: string, body: unknown, token?: string): Promise<T> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers });
  return (await response.json()) as T;
}

export async function get<T>(url: string, token: string): Promise<T> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return (await response.json()) as T;
}

export const joinAs = (callId: string, participantId: string, displayName: string, after?: number) => ({
  type: 'call.join',
  callId,
  data: { participantId, instanceId: participantId, displayName },
  ...(after === undefined ? {} : { after }),
});
