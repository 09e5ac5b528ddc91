import { describe, expect, it } from 'vitest';
import { clientFrame, opcodes, serverFrameAt } from './frames.ts';

function serverFrame(payload: string): Buffer {
  const bytes = Buffer.from(payload);
  const { length } = bytes;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x81;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, bytes]);
}

describe('serverFrameAt', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('reads a payload of %i bytes', (length) => {
    const bytes = Buffer.concat([Buffer.from('xyz'), serverFrame('a'.repeat(length)), Buffer.from('more')]);
    const frame = serverFrameAt(bytes, 3, bytes.length)!;
    expect(frame.opcode).toBe(opcodes.text);
    expect(frame.to - frame.from).toBe(length);
    expect(bytes.toString('latin1', frame.to)).toBe('more');
  });

  it.each([10, 126, 65_536])('waits for all of %i bytes', (length) => {
    const bytes = serverFrame('a'.repeat(length));
    for (const end of [0, 1, 2, 3, 9, bytes.length - 1])
      if (end < bytes.length) expect(serverFrameAt(bytes, 0, end)).toBeUndefined();
  });
});

describe('clientFrame', () => {
  it.each([0, 125, 126, 60_000])('masks %i bytes with zero', (length) => {
    const frame = clientFrame(opcodes.text, 'b'.repeat(length));
    const head = length < 126 ? 6 : 8;
    expect(frame[0]).toBe(0x81);
    expect(frame[1]! & 0x80).toBe(0x80);
    expect(frame.subarray(head - 4, head)).toEqual(Buffer.alloc(4));
    expect(frame.toString('latin1', head)).toBe('b'.repeat(length));
    if (length >= 126) expect(frame.readUInt16BE(2)).toBe(length);
  });

  it('refuses what it can not word', () => {
    expect(() => clientFrame(opcodes.text, 'b'.repeat(65_536))).toThrow(RangeError);
  });
});
