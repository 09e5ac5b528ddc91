import { parseArgs } from 'node:util';
import { callIdSchema } from '@ringback/schemas';
import { usageFailure } from './failure.ts';
import { nearest } from './suggest.ts';

export interface OptionSpec {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly help: string;
}

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Names of what has to follow, in order. */
  readonly positionals: readonly string[];
  /** … and of what may follow those. */
  readonly optionalPositionals?: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** What the help says beyond the options, one line each. */
  readonly notes: readonly string[];
}

export interface Arguments {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

/** Every command takes these. */
export const commonOptions = {
  json: { type: 'boolean', help: 'Print JSON instead of text.' },
  home: {
    type: 'string',
    value: 'DIR',
    help: "The platform's folder (default: $RINGBACK_HOME, else .ringback of this clone).",
  },
  help: { type: 'boolean', short: 'h', help: 'Print this.' },
} as const satisfies Record<string, OptionSpec>;

export function optionsOf(spec: CommandSpec): Record<string, OptionSpec> {
  return { ...spec.options, ...commonOptions };
}

/**
 * Reads the words after the command's name. Lenient parsing and checks of our own: the strict parser says what
 * was wrong only in a message's text, and knows no suggestions.
 *
 * @throws Failure with exit code 2 for anything that the command does not take.
 */
export function parseArguments(spec: CommandSpec, words: readonly string[]): Arguments {
  const options = optionsOf(spec);
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type, short }]) => [name, { type, ...(short ? { short } : {}) }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const help = `See ringback ${spec.name} --help.`;
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) throw unknownOption(spec, token.rawName, Object.keys(options));
    if (option.type === 'string' && (token.value === undefined || token.value === ''))
      throw usageFailure(`${token.rawName} needs a value: ${token.rawName} ${option.value}.`, help);
    if (option.type === 'boolean' && token.value !== undefined)
      throw usageFailure(`${token.rawName} takes no value.`, help);
  }
  if (values.help === true) return { values, positionals };
  const missing = spec.positionals[positionals.length];
  if (missing !== undefined) throw usageFailure(`ringback ${spec.name} needs a ${missing}.`, help);
  const tooMany = positionals[spec.positionals.length + (spec.optionalPositionals?.length ?? 0)];
  if (tooMany !== undefined) throw usageFailure(`ringback ${spec.name} does not take "${tooMany}".`, help);
  return { values, positionals };
}

function unknownOption(spec: CommandSpec, rawName: string, names: string[]) {
  const meant = nearest(rawName.replace(/^-+/, ''), names);
  return usageFailure(
    `ringback ${spec.name} has no option ${rawName}.${meant === undefined ? '' : ` Did you mean --${meant}?`}`,
    `See ringback ${spec.name} --help.`,
  );
}

/** A whole number of at least `min`. @throws Failure with exit code 2. */
export function wholeNumber(args: Arguments, name: string, min: number): number | undefined {
  const text = args.values[name];
  if (typeof text !== 'string') return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min)
    throw usageFailure(`--${name} ${text} is not a whole number of at least ${min}.`, 'Correct it.');
  return value;
}

export function textOf(args: Arguments, name: string): string | undefined {
  const value = args.values[name];
  return typeof value === 'string' ? value : undefined;
}

/** @throws Failure with exit code 2 for what can not be a call's id. */
export function callIdOf(args: Arguments): string {
  const parsed = callIdSchema.safeParse(args.positionals[0]?.split(/[?#]/)[0]?.split('/').at(-1));
  if (parsed.success) return parsed.data;
  throw usageFailure(
    `"${args.positionals[0]}" is not a call's id: those look like 03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10.`,
    'Copy one from ringback calls, or from a link to a call.',
  );
}
