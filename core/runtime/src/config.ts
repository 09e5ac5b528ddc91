import { z } from 'zod';

/** The environment does not say what is needed. The message names each variable and its remedy. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads settings from the environment. Empty values count as absent.
 *
 * @throws ConfigError with one line a variable that is missing or wrong.
 */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Record<string, string | undefined> = process.env,
): z.infer<Schema> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((key) => [key, env[key] === '' ? undefined : env[key]]),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `${name}${given[name] === undefined ? ' is not set' : ''}: ${issue.message}`;
  });
  throw new ConfigError(
    `Settings are missing or wrong:\n  ${lines.join('\n  ')}\nSet them in the environment and start again.`,
  );
}
