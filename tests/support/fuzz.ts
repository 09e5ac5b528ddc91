import fc from 'fast-check';

/** RINGBACK_TEST_SEED and RINGBACK_TEST_RUNS search further; fast-check prints the seed and path of a failure. */
export const fuzzOptions = {
  seed: Number(process.env.RINGBACK_TEST_SEED ?? 20_251_119),
  numRuns: Number(process.env.RINGBACK_TEST_RUNS ?? 80),
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Any UTF-16, halves of pairs and NUL too: what JSON can say, a client can send. */
export const anyText = fc
  .array(fc.nat({ max: 0xffff }), { maxLength: 40 })
  .map((units) => String.fromCharCode(...units));

const junk: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json> },
  { weight: 2, arbitrary: anyText },
  fc.constantFrom<Json>(-1, 1e308, 2 ** 53, 0.5, '', '__proto__', 'constructor', [], {}, null),
  fc.integer({ min: 1, max: 4 }).map((power) => 'x'.repeat(10 ** power)),
  fc.integer({ min: 1, max: 300 }).map((length) => Array.from({ length }, () => 0)),
);

/** One change: at the place that `at` picks, a value is replaced, left out, or given a member more. */
interface Change {
  readonly at: number;
  readonly how: 'replace' | 'remove' | 'add' | 'repeat';
  readonly key: string;
  readonly value: Json;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat({ max: 10_000 }),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'repeat'),
  key: fc.oneof(anyText, fc.constantFrom('__proto__', 'toString', 'id')),
  value: junk,
});

/** A good value with up to three things wrong (or merely changed) in it. */
export function changed(good: object): fc.Arbitrary<Record<string, Json>> {
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const value = structuredClone(good) as Record<string, Json>;
    for (const one of changes) apply(value, one);
    return value;
  });
}

function apply(root: Record<string, Json>, { at, how, key, value }: Change): void {
  const places = placesIn(root);
  const place = places[at % places.length];
  if (place === undefined) return;
  const { holder, name } = place;
  if (how === 'replace') set(holder, name, value);
  else if (how === 'add') set(holder, key, value);
  else if (how === 'repeat' && Array.isArray(holder)) holder.push(...holder.slice(0, 10));
  else delete holder[name];
}

/** As JSON.parse does: a member named `__proto__` is a member. */
function set(holder: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}

function placesIn(holder: object): { holder: Record<string, Json>; name: string }[] {
  return Object.entries(holder).flatMap(([name, value]) => [
    { holder: holder as Record<string, Json>, name },
    ...(typeof value === 'object' && value !== null ? placesIn(value as object) : []),
  ]);
}
