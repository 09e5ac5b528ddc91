import type { ErrorCode } from './errors.ts';
import type { ClientOptions, TokenRequest } from './types.ts';

/** Where tokens come from. */
export interface TokenSource {
  /** Whether another one can be had: not where the app gave a token instead of a function. */
  readonly canRenew: boolean;
  get(request?: TokenRequest): Promise<string>;
}

export function tokenSourceOf(token: ClientOptions['token']): TokenSource {
  if (typeof token === 'string') return { canRenew: false, get: async () => token };
  return { canRenew: true, get: async (request = {}) => token(request) };
}

/** What to ask for after this refusal of the last one. */
export const requestOf = (refused: ErrorCode | undefined): TokenRequest =>
  refused === undefined ? {} : { refused };

/** Refusals that another token may change. */
export function isTokenRefused(code: ErrorCode): boolean {
  return code === 'token_expired' || code === 'token_invalid';
}
