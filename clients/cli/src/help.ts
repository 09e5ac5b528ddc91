import { optionsOf, type CommandSpec, type OptionSpec } from './arguments.ts';

export function generalHelp(commands: readonly CommandSpec[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Look into the calls of a Ringback platform.',
    '',
    'Usage: ringback COMMAND [options]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Each command has --help and --json.',
    '',
  ].join('\n');
}

export function commandHelp(spec: CommandSpec): string {
  const options = Object.entries(optionsOf(spec)).map(([name, option]) => [flag(name, option), option.help]);
  const width = Math.max(...options.map(([left = '']) => left.length));
  const optional = (spec.optionalPositionals ?? []).map((name) => `[${name}]`);
  return [
    spec.summary,
    '',
    `Usage: ${['ringback', spec.name, ...spec.positionals, ...optional].join(' ')} [options]`,
    '',
    ...options.map(([left = '', right]) => `  ${left.padEnd(width)}  ${right}`),
    ...(spec.notes.length > 0 ? ['', ...spec.notes] : []),
    '',
  ].join('\n');
}

function flag(name: string, { short, value }: OptionSpec): string {
  const long = `--${name}${value === undefined ? '' : ` ${value}`}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}
