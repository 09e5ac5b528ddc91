import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { clientFrame, opcodes, serverFrameAt } from './frames.ts';

/** What one read of the kernel may bring; every socket reads into the same memory, one after the other. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);

/**
 * A WebSocket client that costs little, so that the load leaves the machine to what is measured: no masks, no events,
 * no copies while frames come whole. Every frame is handed over as text, in which nothing is parsed yet.
 */
export class LoadSocket {
  /** Told of every text frame. */
  onText: (text: string) => void = () => {};
  readonly #socket: Socket;
  readonly #onEnd: (why: string) => void;
  #open = false;
  #opened!: () => void;
  #rest: Buffer | undefined;

  private constructor(url: URL, onEnd: (why: string) => void) {
    this.#onEnd = onEnd;
    this.#socket = connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length) => this.#read(length) },
    });
    this.#socket.on('error', (error) => onEnd(error.message)).on('close', () => onEnd('closed'));
  }

  /** @param onEnd told when the server, or the network, ends it. @throws Error where it does not open. */
  static open(url: URL, onEnd: (why: string) => void): Promise<LoadSocket> {
    return new Promise((resolve, reject) => {
      const socket: LoadSocket = new LoadSocket(url, (why) => {
        reject(new Error(`${url.host}: ${why}`));
        onEnd(why);
      });
      socket.#opened = () => resolve(socket);
      socket.#socket.write(
        `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\n` +
          `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
    });
  }

  send(text: string): void {
    this.#socket.write(clientFrame(opcodes.text, text));
  }

  /** Without a goodbye. */
  destroy(): void {
    this.#socket.destroy();
  }

  #read(length: number): boolean {
    let bytes: Buffer = readBuffer;
    let end = length;
    if (this.#rest !== undefined) {
      bytes = Buffer.concat([this.#rest, readBuffer.subarray(0, length)]);
      end = bytes.length;
      this.#rest = undefined;
    }
    let at = this.#open ? 0 : this.#readUpgrade(bytes, end);
    if (this.#open)
      for (let f = serverFrameAt(bytes, at, end); f !== undefined; f = serverFrameAt(bytes, at, end)) {
        at = f.to;
        this.#take(f.opcode, bytes, f.from, f.to);
      }
    if (at < end) this.#rest = Buffer.from(bytes.subarray(at, end));
    return true;
  }

  /** @returns where the answer to the upgrade ends; 0 while it has not. */
  #readUpgrade(bytes: Buffer, end: number): number {
    const head = bytes.toString('latin1', 0, end);
    const over = head.indexOf('\r\n\r\n');
    if (over < 0) return 0;
    if (!head.startsWith('HTTP/1.1 101')) {
      this.#onEnd(head.slice(0, head.indexOf('\r\n')));
      this.#socket.destroy();
      return end;
    }
    this.#open = true;
    this.#opened();
    return over + 4;
  }

  #take(opcode: number, bytes: Buffer, from: number, to: number): void {
    if (opcode === opcodes.text) this.onText(bytes.toString('latin1', from, to));
    else if (opcode === opcodes.ping) this.#socket.write(clientFrame(opcodes.pong, bytes.subarray(from, to)));
    else if (opcode === opcodes.close) this.#onEnd(`close frame: ${bytes.toString('utf8', from + 2, to)}`);
  }
}
