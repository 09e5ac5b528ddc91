import { zstdCompressSync } from 'node:zlib';
import { sha256, stateHash } from '@ringback/eventlog';
import type { CallEvent } from '@ringback/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldKnown } from '../known.ts';
import { callId, created, fact, joined, guest, refusal, sampleFacts } from '../testing/sample-call.ts';
import { readCallFile, writeCallFile } from './call-file.ts';
import { DamagedCallFile } from './damage.ts';

const write = (facts: readonly CallEvent[], compressed = false) =>
  writeCallFile(facts, [refusal], { codeVersion: '0.1.0', compressed }).bytes;
const sample = write(sampleFacts);

/** The file with its lines changed and a manifest that agrees with them: what is left is what the events say. */
function forged(change: (lines: string[]) => string[], manifest: Record<string, unknown> = {}): Buffer {
  const [first = '', ...lines] = sample.toString().trimEnd().split('\n');
  const changed = change(lines);
  const rest = changed.map((line) => `${line}\n`).join('');
  const head = { ...JSON.parse(first), facts: changed.length - 1, sha256: sha256(rest), ...manifest };
  return Buffer.from(`${JSON.stringify(head)}\n${rest}`);
}

function damageOf(bytes: Buffer): string {
  try {
    readCallFile(bytes);
  } catch (error) {
    if (error instanceof DamagedCallFile) return error.damage;
    throw error;
  }
  return 'none';
}

describe('a call as a file', () => {
  it.each([false, true])('comes back as it was written (compressed: %s)', (compressed) => {
    const file = readCallFile(write(sampleFacts, compressed));
    expect(file.facts).toEqual(sampleFacts);
    expect(file.telemetry).toEqual([refusal]);
    expect(file.unknown).toBe(0);
    expect(file.stateHash).toBe(file.manifest.stateHash);
    expect(file.stateHash).toBe(stateHash(foldKnown(sampleFacts)!));
  });

  it('says in its first line what it holds', () => {
    expect(JSON.parse(sample.toString().split('\n')[0]!)).toMatchObject({
      kind: 'ringback-export',
      version: 1,
      callId,
      tenantId: 'default',
      facts: sampleFacts.length,
      telemetry: 1,
      codeVersion: '0.1.0',
    });
  });

  it('holds a call that goes on', () => {
    expect(readCallFile(write(sampleFacts.slice(0, 4))).view.status).toBe('open');
  });
});

describe('damage', () => {
  it('of any one bit is found', () => {
    for (const compressed of [false, true]) {
      const bytes = write(sampleFacts, compressed);
      fc.assert(
        fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
          const flipped = Buffer.from(bytes);
          flipped[bit >> 3]! ^= 1 << (bit & 7);
          // A manifest may change in a place that says nothing about the events (the tenant, the version of the code).
          const survives = damageOf(flipped) === 'none';
          if (!survives) return;
          const file = readCallFile(flipped);
          expect(file.facts).toEqual(sampleFacts);
          expect(file.telemetry).toEqual([refusal]);
        }),
      );
    }
  });

  it('by cutting is found at every length', () => {
    for (let length = 0; length < sample.length; length += 7)
      expect(damageOf(sample.subarray(0, length))).toMatch(/^(no-manifest|truncated)$/);
    const packed = write(sampleFacts, true);
    for (let length = 0; length < packed.length; length += 7)
      expect(damageOf(packed.subarray(0, length))).toMatch(/^(no-manifest|compression|truncated)$/);
  });

  it.each([
    ['bytes of an event', Buffer.from(sample.toString().replace('"Host"', '"Hast"')), 'hash'],
    ['an event too many', Buffer.concat([sample, Buffer.from('{}\n')]), 'too-long'],
    ['no manifest', sample.subarray(sample.indexOf('\n') + 1), 'no-manifest'],
    ['another kind of file', Buffer.from('PK\u0003\u0004 and so on'), 'no-manifest'],
    ['nothing at all', Buffer.alloc(0), 'no-manifest'],
    ['two events swapped', forged(([a, b, c, ...rest]) => [a!, c!, b!, ...rest]), 'sequence'],
    ['an event left out', forged((lines) => lines.toSpliced(4, 1)), 'sequence'],
    ['an event twice', forged((lines) => lines.toSpliced(4, 0, lines[4]!)), 'sequence'],
    [
      'an event that is not valid',
      forged((lines) => lines.with(1, lines[1]!.replace('"host"', '"boss"'))),
      'event',
    ],
    [
      'an event of another call',
      forged((lines) => lines.with(1, lines[1]!.replaceAll('03-019a', '02-019a'))),
      'event',
    ],
    ['an event that is no JSON', forged((lines) => lines.with(1, 'joined')), 'event'],
    [
      'telemetry of another call',
      forged((lines) => lines.with(-1, lines.at(-1)!.replace('03-019a', '02-019a'))),
      'event',
    ],
  ])('%s', (_, bytes, damage) => {
    expect(damageOf(bytes)).toBe(damage);
  });

  it('events that do not follow from each other', () => {
    const facts = [created, joined(guest, 'Guest')].map((body, index) => fact(index + 1, body));
    const stranger = fact(3, {
      type: 'call.track.muted',
      data: { participantId: callId.slice(3), trackId: 't' },
    });
    const lines = [...facts, stranger, refusal].map((event) => JSON.stringify(event));
    expect(damageOf(forged(() => lines))).toBe('fold');
  });

  it('unpacking into more than a call can be', () => {
    expect(damageOf(zstdCompressSync(Buffer.alloc(8 * 1024 ** 2)).subarray(0, 100))).toBe('compression');
  });
});

describe('what this version does not know', () => {
  const later = { ...sampleFacts[4]!, type: 'call.star.risen' } as unknown as CallEvent;

  it.each([
    ['an event type', sampleFacts.with(4, later)],
    [
      'a version of an event',
      sampleFacts.with(4, { ...sampleFacts[4]!, schemaversion: 2 } as unknown as CallEvent),
    ],
  ])('%s is counted and skipped', (_, facts) => {
    const file = readCallFile(write(facts));
    expect(file.unknown).toBe(1);
    expect(file.view.status).toBe('ended');
  });

  it('telemetry is counted and skipped', () => {
    const file = readCallFile(
      forged((lines) => lines.with(-1, lines.at(-1)!.replace('command.rejected', 'sample'))),
    );
    expect(file).toMatchObject({ unknown: 1, telemetry: [] });
  });
});

describe('another state hash', () => {
  it('is left to the caller to judge', () => {
    const file = readCallFile(forged((lines) => lines, { stateHash: '0'.repeat(64) }));
    expect(file.stateHash).not.toBe(file.manifest.stateHash);
  });
});
