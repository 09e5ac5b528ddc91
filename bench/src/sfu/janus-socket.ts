import { randomUUID } from 'node:crypto';
import { limits } from './limits.ts';

interface JanusMessage {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  /** The handle, in events. */
  readonly sender?: number;
  readonly error?: { readonly reason: string };
  readonly plugindata?: { readonly data: Record<string, unknown> };
  readonly jsep?: { readonly sdp: string };
}

/** What one request brought: the plugin's data and, where there is one, a description. */
export interface JanusAnswer {
  readonly data: Record<string, unknown>;
  readonly sdp: string | undefined;
}

/** Janus's JSON API over its WebSocket: as much of it as the video room needs. */
export class JanusSocket {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (message: JanusMessage | Error) => void>();
  readonly #up = new Set<number>();
  #session = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as JanusMessage;
      // The answer to a message for a plugin is the event that follows.
      if (message.janus === 'ack') return;
      if (message.janus === 'webrtcup') this.#up.add(message.sender!);
      this.#waiting.get(message.transaction ?? '')?.(message);
    };
    socket.onclose = () => {
      for (const done of this.#waiting.values()) done(new Error('janus closed the socket'));
    };
  }

  /** Opens a socket and a session on it; undefined while Janus does not listen. */
  static async open(url: string): Promise<JanusSocket | undefined> {
    const socket = new WebSocket(url, 'janus-protocol');
    const opened = await new Promise<boolean>((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onerror = () => resolve(false);
    });
    if (!opened) return undefined;
    const janus = new JanusSocket(socket);
    janus.#session = (await janus.#ask({ janus: 'create' })).data!.id;
    return janus;
  }

  /** A handle of the video room: one for each peer connection. */
  async attach(): Promise<number> {
    return (await this.#ask({ janus: 'attach', plugin: 'janus.plugin.videoroom' })).data!.id;
  }

  async detach(handle: number): Promise<void> {
    this.#up.delete(handle);
    await this.#ask({ janus: 'detach', handle_id: handle });
  }

  /** Whether a handle's peer connection stands. */
  isUp(handle: number): boolean {
    return this.#up.has(handle);
  }

  /** @throws Error with Janus's or the plugin's reason. */
  async say(
    handle: number,
    body: object,
    jsep?: { type: 'offer' | 'answer'; sdp: string },
  ): Promise<JanusAnswer> {
    const message = await this.#ask({
      janus: 'message',
      handle_id: handle,
      body,
      ...(jsep === undefined ? {} : { jsep }),
    });
    const data = message.plugindata?.data ?? {};
    if (data.error !== undefined) throw new Error(`janus: ${String(data.error)}`);
    return { data, sdp: message.jsep?.sdp };
  }

  close(): void {
    this.#socket.close();
  }

  #ask(request: object): Promise<JanusMessage> {
    const transaction = randomUUID();
    return new Promise((resolve, reject) => {
      const done = (message: JanusMessage | Error) => {
        clearTimeout(timer);
        this.#waiting.delete(transaction);
        if (message instanceof Error) reject(message);
        else if (message.error !== undefined) reject(new Error(`janus: ${message.error.reason}`));
        else resolve(message);
      };
      const timer = setTimeout(() => done(new Error('janus did not answer')), limits.answerMs);
      this.#waiting.set(transaction, done);
      const session = this.#session === 0 ? {} : { session_id: this.#session };
      this.#socket.send(JSON.stringify({ ...request, ...session, transaction }));
    });
  }
}
