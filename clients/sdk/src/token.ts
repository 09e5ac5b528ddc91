import type { ErrorCode } from './errors.ts';
import type { ClientOptions } from './types.ts';

/** Where tokens come from. */
export interface TokenSource {
  /** Whether another one can be had: not where the app gave a token instead of a function. */
  readonly canRenew: boolean;
  /** @param refused the code with which the platform refused the last one */
  get(refused?: ErrorCode): Promise<string>;
}

export function tokenSourceOf(token: ClientOptions['token']): TokenSource {
  if (typeof token === 'string') return { canRenew: false, get: async () => token };
  return { canRenew: true, get: async (refused) => token(refused === undefined ? {} : { refused }) };
}

/** Refusals that another token may change. */
export function isTokenRefused(code: ErrorCode): boolean {
  return code === 'token_expired' || code === 'token_invalid';
}
