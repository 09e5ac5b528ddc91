import { limits } from '../limits.ts';

/** A bound of the contract with the reason that stands above it in `limits.ts`. */
export interface Limit {
  readonly name: string;
  readonly value: number;
  readonly reason: string;
}

/**
 * The reasons live as comments beside the values, where whoever changes one sees them; a comment holds for every
 * value up to the next one.
 * @throws Error where a value has no comment above it.
 */
export function limitsOfSource(source: string): Limit[] {
  const reasons = new Map<string, string>();
  let reason: string | undefined;
  for (const line of source.split('\n')) {
    const comment = /^ {2}\/\*\* (.*) \*\/$/.exec(line);
    if (comment) reason = comment[1];
    const name = /^ {2}(\w+):/.exec(line)?.[1];
    if (name !== undefined && reason !== undefined) reasons.set(name, reason);
  }
  return Object.entries(limits).map(([name, value]) => {
    const found = reasons.get(name);
    if (found === undefined) throw new Error(`limits.ts gives no reason for ${name} in a one-line comment`);
    return { name, value, reason: found };
  });
}
