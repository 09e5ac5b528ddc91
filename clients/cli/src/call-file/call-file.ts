import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { foldCall } from '@ringback/domain';
import { sha256, stateHash } from '@ringback/eventlog';
import {
  callEventsByType,
  callIdSchema,
  current,
  isKnown,
  tenantIdSchema,
  telemetryEvents,
  type CallEvent,
  type CallView,
  type TelemetryEvent,
} from '@ringback/schemas';
import { z } from 'zod';
import { limits } from '../limits.ts';
import { foldKnown } from '../known.ts';
import { DamagedCallFile } from './damage.ts';

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'must be a sha256 in hex');

/** First line of a call's file. Fields of later versions are let through. */
const manifestSchema = z.object({
  kind: z.literal('ringback-export'),
  version: z.literal(1),
  callId: callIdSchema,
  tenantId: tenantIdSchema,
  facts: z.int().min(1),
  telemetry: z.int().min(0),
  /** Over every byte after the first line, uncompressed. */
  sha256: hashSchema,
  stateHash: hashSchema,
  /** Version of the code that folded the state hash. */
  codeVersion: z.string(),
});
export type Manifest = z.infer<typeof manifestSchema>;

export interface CallFile {
  readonly manifest: Manifest;
  /** As they were stored, in whichever versions. */
  readonly facts: readonly CallEvent[];
  readonly telemetry: readonly TelemetryEvent[];
  /** Events of types, or versions of types, that this version does not know: kept, but not folded. */
  readonly unknown: number;
  readonly view: CallView;
  readonly stateHash: string;
}

/**
 * A call as one file: a manifest, the facts, the telemetry, each on a line of its own.
 * @param facts at least one, from sequence 1 without gaps
 */
export function writeCallFile(
  facts: readonly CallEvent[],
  telemetry: readonly TelemetryEvent[],
  { codeVersion, compressed }: { codeVersion: string; compressed: boolean },
): { bytes: Buffer; manifest: Manifest } {
  const first = facts[0];
  const view = foldKnown(facts);
  if (first === undefined || view === undefined)
    throw new Error('a call has no file without a fact that says that it was made');
  const rest = [...facts, ...telemetry].map((event) => `${JSON.stringify(event)}\n`).join('');
  const manifest: Manifest = {
    kind: 'ringback-export',
    version: 1,
    callId: first.subject,
    tenantId: first.tenantid,
    facts: facts.length,
    telemetry: telemetry.length,
    sha256: sha256(rest),
    stateHash: stateHash(view),
    codeVersion,
  };
  const plain = Buffer.from(`${JSON.stringify(manifest)}\n${rest}`);
  return { bytes: compressed ? zstdCompressSync(plain) : plain, manifest };
}

/**
 * Reads a call's file and checks all of it: bytes, counts, sequence, form. The state hash is left to the caller,
 * since a mismatch may mean that the code is another, not that the file is damaged.
 *
 * @throws DamagedCallFile that says what is wrong
 */
export function readCallFile(bytes: Buffer): CallFile {
  const { manifest, rest } = splitManifest(unpack(bytes));
  const lines = rest.toString('utf8').split('\n');
  // Every line ends with a line feed, so that a file cut at one is noticed too.
  const whole = lines.pop() === '';
  const wanted = manifest.facts + manifest.telemetry;
  if (!whole || lines.length < wanted)
    throw new DamagedCallFile('truncated', `it holds ${lines.length} of ${wanted} events: it was cut off`);
  if (lines.length > wanted)
    throw new DamagedCallFile('too-long', `it holds ${lines.length} events, its manifest says ${wanted}`);
  if (sha256(rest) !== manifest.sha256)
    throw new DamagedCallFile('hash', 'its bytes are not those that were written: the sha256 differs');
  const facts = lines.slice(0, manifest.facts).map((line, index) => readFact(line, index + 1, manifest));
  const telemetry = lines
    .slice(manifest.facts)
    .map((line, index) => readTelemetryLine(line, index + 1, manifest));
  const known = telemetry.filter((event) => event !== undefined);
  const view = fold(facts);
  return {
    manifest,
    facts,
    telemetry: known,
    unknown: facts.filter((event) => !isKnown(event)).length + telemetry.length - known.length,
    view,
    stateHash: stateHash(view),
  };
}

/** zstd by its magic number (RFC 8878 section 3.1.1), else plain. */
function unpack(bytes: Buffer): Buffer {
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== 0xfd2fb528) return bytes;
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: limits.fileBytesMax });
  } catch (error) {
    throw new DamagedCallFile('compression', 'it can not be unpacked: it was cut off or changed', error);
  }
}

function splitManifest(bytes: Buffer): { manifest: Manifest; rest: Buffer } {
  const end = bytes.indexOf('\n');
  const line = end < 0 ? bytes : bytes.subarray(0, end);
  const parsed = manifestSchema.safeParse(parseJson(line.toString('utf8')));
  if (!parsed.success)
    throw new DamagedCallFile(
      'no-manifest',
      'its first line is not the manifest of an exported call',
      parsed.error,
    );
  return { manifest: parsed.data, rest: end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 1) };
}

/** What any fact must have, known or not. */
const anyFactSchema = z.looseObject({
  type: z.string(),
  subject: callIdSchema,
  sequence: z.int(),
  schemaversion: z.int(),
});

function readFact(line: string, sequence: number, manifest: Manifest): CallEvent {
  const any = anyFactSchema.safeParse(parseJson(line));
  if (!any.success) throw new DamagedCallFile('event', `event ${sequence} is not an event`, any.error);
  if (any.data.sequence !== sequence)
    throw new DamagedCallFile(
      'sequence',
      `event ${sequence} is missing: event ${any.data.sequence} stands in its place`,
    );
  if (any.data.subject !== manifest.callId)
    throw new DamagedCallFile('event', `event ${sequence} is of another call, ${any.data.subject}`);
  const event = any.data as unknown as CallEvent;
  if (!isKnown(event)) return event;
  const parsed = callEventsByType.get(event.type)!.schema.safeParse(current(event));
  if (parsed.success) return event;
  const issue = parsed.error.issues[0];
  throw new DamagedCallFile(
    'event',
    `event ${sequence} (${event.type}) is not valid: ${issue?.path.join('.')}: ${issue?.message}`,
    parsed.error,
  );
}

function readTelemetryLine(line: string, number: number, manifest: Manifest): TelemetryEvent | undefined {
  const any = z.looseObject({ type: z.string(), subject: callIdSchema }).safeParse(parseJson(line));
  if (!any.success || any.data.subject !== manifest.callId)
    throw new DamagedCallFile('event', `line ${number} of the telemetry is not of this call`, any.error);
  return telemetryEvents
    .map((schema) => schema.safeParse(any.data).data)
    .find((event) => event !== undefined);
}

function fold(facts: readonly CallEvent[]): CallView {
  let view: CallView | undefined;
  try {
    // Behind what is not known, what is known need not fit either.
    view = facts.every(isKnown) ? foldCall(facts) : foldKnown(facts);
  } catch (error) {
    throw new DamagedCallFile('fold', 'its events do not follow from each other', error);
  }
  if (view === undefined)
    throw new DamagedCallFile(
      'fold',
      'no event in it, as far as this version knows them, says that the call was made',
    );
  return view;
}

/** JSON, or nothing. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
