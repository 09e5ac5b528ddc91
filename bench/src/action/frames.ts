/** WebSocket frames (RFC 6455 section 5.2) as a client of our own servers needs them: no fragments, no extensions. */

export const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/**
 * A client's frame. The mask is there, as the protocol wants it, and zero: it guards proxies against chosen bytes, and
 * there are none between the load and the server.
 */
export function clientFrame(opcode: number, payload: string | Uint8Array): Buffer {
  const length = Buffer.byteLength(payload);
  const head = length < 126 ? 6 : 8;
  if (length > 65_535) throw new RangeError(`a frame of ${length} bytes is not what a load sends`);
  const frame = Buffer.alloc(head + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (length < 126 ? length : 126);
  if (length >= 126) frame.writeUInt16BE(length, 2);
  if (typeof payload === 'string') frame.write(payload, head);
  else frame.set(payload, head);
  return frame;
}

export interface ServerFrame {
  readonly opcode: number;
  /** Where its payload is. */
  readonly from: number;
  readonly to: number;
}

/** The server's frame that begins at `at`, or `undefined` where not all of it is there before `end`. */
export function serverFrameAt(bytes: Buffer, at: number, end: number): ServerFrame | undefined {
  if (end - at < 2) return undefined;
  const short = bytes[at + 1]!;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (end - at < head) return undefined;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  const from = at + head;
  if (end - from < length) return undefined;
  return { opcode: bytes[at]! & 0x0f, from, to: from + length };
}
