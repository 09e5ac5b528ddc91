import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { causeSchema, envelopeShape, type EventDefinition } from '../envelope.ts';
import { Components, idOf, type JsonSchema } from './json-schema.ts';

/** What was released, by path from `schemas/versions`: `call.track.muted/1.json`, `envelope/1.json`. */
export type Records = Readonly<Record<string, JsonSchema>>;

export interface Verdict {
  /** What has to be written: new versions, and known ones that let more through than before. */
  readonly files: Records;
  /** What must not be: a sentence each, with the remedy. */
  readonly problems: readonly string[];
}

type Definition = Pick<EventDefinition, 'type' | 'version' | 'data'>;

const envelope = z.strictObject({ ...envelopeShape, cause: causeSchema.optional() });
const envelopePath = 'envelope/1.json';

/** Holds the schemas against what was released: a released version stays as it is. */
export function judge(recorded: Records, definitions: readonly Definition[]): Verdict {
  const files: Record<string, JsonSchema> = {};
  const problems: string[] = [];
  const newest = newestOf(recorded);
  const put = (name: string, path: string, now: JsonSchema, mayGrow: boolean, remedy: string) => {
    const was = recorded[path];
    const change = was && forbidden(was, now, '', mayGrow);
    if (change !== undefined) problems.push(`${name}: ${change}.\n  ${remedy}`);
    else if (!isDeepStrictEqual(was, now)) files[path] = now;
  };
  for (const { type, version, data } of definitions) {
    const released = newest.get(type) ?? 0;
    if (version < released || version > released + 1)
      problems.push(
        `${type} is at version ${version}, released is ${released}.\n  ` +
          `Versions are counted without a gap and never back: make it ${released} or ${released + 1}.`,
      );
    else
      put(
        type,
        `${type}/${version}.json`,
        recordOf(data.omit({ cause: true })),
        false,
        `Version ${version} of ${type} is released and does not change. Make it version ${version + 1}, with a step from ` +
          `${version} in schemas/src/call/steps.ts and a history: docs/evolution.md. Words and wider bounds may change without.`,
      );
    newest.delete(type);
  }
  put(
    'The envelope of all events',
    envelopePath,
    recordOf(envelope),
    true,
    'The envelope and the cause have no versions: every event ever stored has to fit. Say it in an optional field more.',
  );
  newest.delete('envelope');
  for (const type of newest.keys())
    problems.push(
      `${type} was released and is gone.\n  Events of it stand in logs: keep its schema and its branch in the fold, and let nothing decide it any more.`,
    );
  return { files, problems };
}

function newestOf(recorded: Records): Map<string, number> {
  const newest = new Map<string, number>();
  for (const path of Object.keys(recorded)) {
    const [type = '', file = ''] = path.split('/');
    newest.set(type, Math.max(newest.get(type) ?? 0, Number.parseInt(file, 10)));
  }
  return newest;
}

/** The form of a schema: in one piece, without words, and the same in whichever order it is written. */
export function recordOf(schema: z.ZodType): JsonSchema {
  const components = new Components('draft-2020-12');
  return plain(components.add(schema), components) as JsonSchema;
}

const words = new Set(['id', '$id', 'title', 'description', 'examples']);

function plain(value: unknown, components: Components): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item, components));
  if (!isObject(value)) return value;
  const id = idOf(value);
  if (id !== undefined) return plain(components.schemas[id], components);
  const entries = Object.entries(value).filter(([key]) => !words.has(key));
  return Object.fromEntries(entries.map(([key, child]) => [key, plainMember(key, child, components)]).sort());
}

function plainMember(key: string, child: unknown, components: Components): unknown {
  if (key === 'required' || key === 'enum') return (child as unknown[]).toSorted();
  if (key !== 'properties') return plain(child, components);
  // Here the keys are names of fields, and one may be called `description`.
  const fields = Object.entries(child as object).sort();
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field, components)]));
}

export const upperBounds = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems']);
export const lowerBounds = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems']);

/**
 * The first change that makes another version of it, as a sentence; none where all that was valid is, and means the same.
 * @param mayGrow optional fields may be added
 */
function forbidden(was: unknown, is: unknown, path: string, mayGrow: boolean): string | undefined {
  if (isDeepStrictEqual(was, is)) return undefined;
  if (Array.isArray(was) && Array.isArray(is) && was.length === is.length && was.every(isObject))
    return first(was.keys(), (index) => forbidden(was[index], is[index], `${path}/${index}`, mayGrow));
  if (!isObject(was) || !isObject(is)) return `${path} was ${text(was)} and is ${text(is)}`;
  return first(new Set([...Object.keys(was), ...Object.keys(is)]), (key) => {
    const [before, after, at] = [was[key], is[key], `${path}/${key}`];
    if (isWider(key, before, after)) return undefined;
    if (key !== 'properties' || !isObject(before) || !isObject(after))
      return forbidden(before, after, at, mayGrow);
    return first(new Set([...Object.keys(before), ...Object.keys(after)]), (name) => {
      if (!(name in before))
        return mayGrow && !(is.required as string[] | undefined)?.includes(name)
          ? undefined
          : `${at}/${name} is new`;
      return name in after
        ? forbidden(before[name], after[name], `${at}/${name}`, mayGrow)
        : `${at}/${name} is gone`;
    });
  });
}

/** A bound that lets more through, or is gone. */
export function isWider(key: string, was: unknown, is: unknown): boolean {
  if (typeof was !== 'number' || !(typeof is === 'number' || is === undefined)) return false;
  if (upperBounds.has(key)) return (is ?? Infinity) >= was;
  return lowerBounds.has(key) && (is ?? -Infinity) <= was;
}

function first<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function text(value: unknown): string {
  return value === undefined ? 'not there' : JSON.stringify(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
