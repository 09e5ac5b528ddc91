import type { Chance } from '../simulation/chance.ts';
import type { Json } from './shapes.ts';

/** What is wrong with a value: its type, length, range, depth, or a name that means something to the language. */

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'toJSON',
  'then',
  'hasOwnProperty',
  'id',
  'type',
  'tenantId',
  'actor',
  '',
];
const numbers = [
  ...[-1, -0, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 32, 2 ** 53],
  ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
];
const texts = [
  '',
  ' ',
  '\0',
  '\ud800',
  '\u202e',
  '\ufeff',
  'é'.normalize('NFD'),
  '💥',
  '__proto__',
  'null',
  '../../etc',
  '"',
  '\\',
  '\r\n',
  '${7*7}',
  '<b>',
  "' or 1=1 --",
];

function junk(chance: Chance): Json {
  switch (chance.int(0, 8)) {
    case 0:
      return chance.of(numbers);
    case 1:
      return chance.of(texts);
    case 2:
      return chance.of([null, true, false, [], {}]);
    case 3:
      return anyText(chance);
    case 4:
      return 'x'.repeat(10 ** chance.int(1, chance.is(0.05) ? 5 : 3));
    case 5:
      return Array.from({ length: chance.int(1, chance.is(0.05) ? 10_000 : 300) }, () => 0);
    case 6:
      return nested(chance, chance.int(2, 200));
    case 7:
      return member(chance.of(names), chance.of([{ admin: true }, null, 1]));
    default:
      return Object.fromEntries(Array.from({ length: chance.int(1, 200) }, (_, n) => [`k${n}`, n]));
  }
}

/** Any UTF-16, halves of pairs and NUL too. */
export function anyText(chance: Chance): string {
  return String.fromCharCode(...Array.from({ length: chance.int(0, 30) }, () => chance.int(0, 0xffff)));
}

function nested(chance: Chance, depth: number): Json {
  let value: Json = 1;
  const asList = chance.is(0.5);
  for (let n = 0; n < depth; n++) value = asList ? [value] : { a: value };
  return value;
}

/** As JSON.parse does: a member named `__proto__` is a member. */
function member(name: string, value: Json, holder: Record<string, Json> = {}): Record<string, Json> {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
  return holder;
}

/** One to three things changed in a value, which is lost by that. */
export function damage(value: Json, chance: Chance): Json {
  const root: Record<string, Json> = { value };
  for (let n = chance.int(1, 3); n > 0; n--) {
    const places = placesIn(root);
    const { holder, name } = chance.of(places);
    const old = holder[name]!;
    switch (chance.int(0, 6)) {
      case 0:
        if (holder !== root) delete holder[name];
        break;
      case 1:
        if (typeof old === 'object' && old !== null)
          member(chance.of(names), junk(chance), old as Record<string, Json>);
        break;
      case 2:
        member(name, [old], holder);
        break;
      case 3:
        member(name, typeof old === 'string' ? old + chance.of(texts) : JSON.stringify(old), holder);
        break;
      case 4:
        if (Array.isArray(old)) {
          // Not its own slice: a member `constructor` may stand in it by now.
          const some = [...old].slice(0, 20);
          old.push(...some, ...some);
        }
        break;
      default:
        member(name, junk(chance), holder);
    }
  }
  return root.value ?? null;
}

function placesIn(holder: object): { holder: Record<string, Json>; name: string }[] {
  return Object.entries(holder).flatMap(([name, value]) => [
    { holder: holder as Record<string, Json>, name },
    ...(typeof value === 'object' && value !== null ? placesIn(value as object) : []),
  ]);
}

/** Something wrong with the text itself. */
export function damageText(text: string, chance: Chance): string {
  switch (chance.int(0, 8)) {
    case 0:
      return text.slice(0, chance.int(0, text.length - 1));
    case 1:
      return text + chance.of([',', '}', ']', '\0', text, '// x']);
    case 2: {
      // The same names again: the last one counts.
      const again = chance.of([
        '"type":"call.end"',
        '"id":"x"',
        '"data":{}',
        '"callId":7',
        '"__proto__":{"admin":true}',
      ]);
      return text.replace(/\}$/, `,${again}}`);
    }
    case 3:
      return text.replace(
        /:(\d+)/,
        `:${chance.of(['1e999', '-1e999', '0x10', '01', 'NaN', '1'.repeat(400)])}`,
      );
    case 4:
      return `[${Array.from({ length: chance.int(1, 30) }, () => text).join(',')}]`;
    case 5:
      return chance.of(['', ' ', 'null', '7', '"x"', '[]', '{}', '{"type":7}', 'true', '\ufeff{}']);
    case 6: {
      const depth = 10 ** chance.int(2, 4);
      return chance.of([
        '['.repeat(depth),
        `${'['.repeat(depth)}${']'.repeat(depth)}`,
        `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
      ]);
    }
    case 7:
      return ' '.repeat(10 ** chance.int(1, 4)) + text;
    default: {
      const at = chance.int(0, Math.max(0, text.length - 1));
      return text.slice(0, at) + String.fromCharCode(chance.int(0, 127)) + text.slice(at + 1);
    }
  }
}
