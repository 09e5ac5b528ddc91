import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/**
 * A WebSocket client (RFC 6455) of which every byte is ours: many frames in one write, frames that no browser makes.
 * The mask is all zeros, which is as good as any for a server.
 */
export class RawSocket {
  /** Why it ended; 1006 where nothing was said. */
  readonly closed: Promise<number>;
  closeCode: number | undefined;
  readonly #socket: Socket;
  #unread: Buffer;
  #onText: (text: string) => void = () => {};

  private constructor(socket: Socket, unread: Buffer) {
    this.#socket = socket;
    this.#unread = unread;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve((this.closeCode ??= 1006))));
    socket.on('data', (bytes) => {
      this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
      this.#read();
    });
  }

  /** @throws where the upgrade is refused; the message is the status line. */
  static open(url: string, headers: Record<string, string> = {}): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    return new Promise((resolve, reject) => {
      // What went wrong is in the close that follows.
      socket.on('error', () => {});
      socket.once('close', () => reject(new Error('closed before the upgrade')));
      let head = Buffer.alloc(0);
      const onData = (bytes: Buffer) => {
        head = Buffer.concat([head, bytes]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        socket.off('data', onData);
        const status = head.toString('latin1').split('\r\n')[0]!;
        if (status.startsWith('HTTP/1.1 101')) return resolve(new RawSocket(socket, head.subarray(end + 4)));
        socket.destroy();
        reject(new Error(status));
      };
      socket.on('data', onData);
      const lines = {
        host: `${hostname}:${port}`,
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        ...headers,
      };
      const fields = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`GET /v1/ws HTTP/1.1\r\n${fields.join('')}\r\n`);
    });
  }

  onText(listener: (text: string) => void): void {
    this.#onText = listener;
    this.#read();
  }

  /** All in one write. */
  send(messages: readonly (string | Uint8Array)[]): void {
    const frames = messages.map((message) =>
      typeof message === 'string'
        ? frame(opcodes.text, Buffer.from(message))
        : frame(opcodes.binary, message),
    );
    this.sendBytes(Buffer.concat(frames));
  }

  /** Whatever it is. */
  sendBytes(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.destroy();
  }

  /** A server's frames are not masked; ours come whole. */
  #read(): void {
    for (;;) {
      const bytes = this.#unread;
      if (bytes.length < 2) return;
      let length = bytes[1]! & 0x7f;
      let at = 2;
      if (length === 126) {
        if (bytes.length < 4) return;
        length = bytes.readUInt16BE(2);
        at = 4;
      } else if (length === 127) {
        if (bytes.length < 10) return;
        length = Number(bytes.readBigUInt64BE(2));
        at = 10;
      }
      if (bytes.length < at + length) return;
      const payload = bytes.subarray(at, at + length);
      this.#unread = bytes.subarray(at + length);
      const opcode = bytes[0]! & 0x0f;
      if (opcode === opcodes.text) this.#onText(payload.toString());
      else if (opcode === opcodes.ping) this.sendBytes(frame(opcodes.pong, payload));
      else if (opcode === opcodes.close) {
        this.closeCode ??= payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
        this.#socket.end(frame(opcodes.close, payload.subarray(0, 2)));
      }
    }
  }
}

export function frame(opcode: number, payload: Uint8Array, first = 0x80 | opcode): Buffer {
  const { length } = payload;
  let head: Buffer;
  if (length < 126) head = Buffer.from([first, 0x80 | length]);
  else if (length < 65_536) {
    head = Buffer.from([first, 0x80 | 126, 0, 0]);
    head.writeUInt16BE(length, 2);
  } else {
    head = Buffer.from([first, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}
