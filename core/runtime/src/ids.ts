import { randomBytes, randomUUID } from 'node:crypto';

/** Ids and randomness as a port, so that a simulation can repeat them by seed. */
export interface Ids {
  /** UUIDv4 (RFC 9562 section 5.4). */
  uuid(): string;
  /** UUIDv7 (RFC 9562 section 5.7) of this time, milliseconds since 1970. */
  uuidV7(nowMs: number): string;
  /** Even in [0, 1). */
  random(): number;
}

export const systemIds: Ids = {
  uuid: () => randomUUID(),
  uuidV7: (nowMs) => formatUuidV7(nowMs, randomBytes(10)),
  random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
};

/** Ids from a seed (mulberry32): the same seed gives the same ids. */
export function seededIds(seed: number): Ids {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const bytes = (n: number) => Uint8Array.from({ length: n }, () => Math.floor(random() * 256));
  return {
    random,
    uuid: () => {
      const b = bytes(16);
      b[6] = (b[6]! & 0x0f) | 0x40;
      b[8] = (b[8]! & 0x3f) | 0x80;
      return hyphenate(Buffer.from(b).toString('hex'));
    },
    uuidV7: (nowMs) => formatUuidV7(nowMs, bytes(10)),
  };
}

function formatUuidV7(nowMs: number, random: Uint8Array): string {
  const b = Buffer.alloc(16);
  b.writeUIntBE(nowMs, 0, 6);
  b.set(random, 6);
  b[6] = (b[6]! & 0x0f) | 0x70;
  b[8] = (b[8]! & 0x3f) | 0x80;
  return hyphenate(b.toString('hex'));
}

function hyphenate(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
