import { isDeepStrictEqual } from 'node:util';
import { breakingChanges, type ApiDocument } from './breaking.ts';

/** The documents of the last release by name, `openapi.json` and `asyncapi.json`; empty before the first. */
export type Released = Readonly<Record<string, ApiDocument>>;

export interface ReleaseVerdict {
  /** What the released documents are from now on, without their words; none unless they are accepted. */
  readonly files: Released;
  /** What must not be: a sentence each, with the remedy. */
  readonly problems: readonly string[];
}

/**
 * Holds today's documents against those that clients were written for.
 *
 * @param accept whether today's are to be the released ones from now on
 */
export function judgeRelease(released: Released, today: Released, accept: boolean): ReleaseVerdict {
  const files: Record<string, ApiDocument> = {};
  const problems: string[] = [];
  for (const [name, document] of Object.entries(today)) {
    const was = released[name];
    const is = formOf(document);
    const changes = was === undefined ? [] : breakingChanges(was, is);
    if (was === undefined && !accept)
      problems.push(`${name}: there is no released one to hold it against: npm run generate -- --accept`);
    else if (changes.length > 0 && !(accept && mayBreak(was!.info.version, is.info.version)))
      problems.push(refusalOf(name, was!.info.version, changes));
    else if (accept && !isDeepStrictEqual(was, is)) files[name] = is;
  }
  return { files: problems.length > 0 ? {} : files, problems };
}

function refusalOf(name: string, version: string, changes: readonly string[]): string {
  return [
    `${name} breaks clients of version ${version}:`,
    ...changes.map((change) => `    ${change}`),
    `  Leave it as it was, or raise the version in schemas/package.json to ${nextBreaking(version)} and accept it: ` +
      'npm run generate -- --accept. What breaks and what does not: docs/evolution.md.',
  ].join('\n');
}

/** semver.org: what breaks raises the first number that is not 0. */
function nextBreaking(version: string): string {
  const [major, minor] = numbersOf(version);
  return major > 0 ? `${major + 1}.0.0` : `0.${minor + 1}.0`;
}

function mayBreak(was: string, is: string): boolean {
  const [least, now] = [numbersOf(nextBreaking(was)), numbersOf(is)];
  const differs = least.findIndex((number, index) => number !== now[index]);
  return differs < 0 || now[differs]! > least[differs]!;
}

function numbersOf(version: string): [major: number, minor: number, patch: number] {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return [major, minor, patch];
}

const words: ReadonlySet<string> = new Set([
  ...['title', 'summary', 'description', 'example', 'examples', 'tags', 'license', 'externalDocs'],
]);

/** A document without its words, which may change as they like. */
export function formOf<T>(document: T): T {
  return plain(document) as T;
}

function plain(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isNames || !words.has(key))
      // Here the keys are names of fields, and one may be called `description`.
      .map(([key, child]) => [key, plain(child, key === 'properties' && !isNames)]),
  );
}
