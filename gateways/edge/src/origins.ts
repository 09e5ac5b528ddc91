import { reject, type Rejection } from '@ringback/schemas';
import { z } from 'zod';

/** RINGBACK_ORIGINS: pages on other origins that may use this gateway, with commas between; `*` for all. */
export const originsSetting = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .pipe(
    z.array(
      z
        .string()
        .refine(
          (origin) =>
            origin === '*' ||
            (!origin.includes('*') && URL.canParse(origin) && new URL(origin).origin === origin),
          'must be origins as browsers send them, https://app.example.org without a path, or *',
        ),
    ),
  );

/**
 * Which pages may use this gateway. No secret travels in cookies, so a page elsewhere can do nothing in somebody's name
 * that it has no token for. What the check adds: a page elsewhere can not become a guest, reach a gateway that only its
 * visitor's network reaches, or use up that visitor's share of what one address may ask. What is no browser
 * sends no Origin (RFC 6454) and is let through: there the token is all there is.
 */
export class Origins {
  readonly #others: ReadonlySet<string>;

  constructor(others: readonly string[] = []) {
    this.#others = new Set(others);
  }

  /** Why a request with these headers is not taken; both empty where they are absent. */
  refusal(origin: string, host: string): Rejection | undefined {
    if (origin === '' || isOwn(origin, host) || this.#others.has('*') || this.#others.has(origin))
      return undefined;
    return reject(
      'origin_not_allowed',
      `Pages of ${origin.slice(0, 200)} may not use ${host.slice(0, 200)}: name that origin in RINGBACK_ORIGINS. ` +
        'Behind a reverse proxy: have it pass the Host header on as it came.',
    );
  }

  /** The CORS headers (fetch.spec.whatwg.org) of an answer that was not refused. */
  headersFor(origin: string, host: string): readonly (readonly [string, string])[] {
    if (this.#others.size === 0) return [];
    const varies = ['vary', 'origin'] as const;
    if (origin === '' || isOwn(origin, host)) return [varies];
    return [
      varies,
      ['access-control-allow-origin', origin],
      ['access-control-expose-headers', 'location, retry-after'],
    ];
  }
}

/** Of the answer to a browser that asks whether it may ask. Seconds. */
export const preflightHeaders = [
  ['access-control-allow-methods', 'GET, POST'],
  ['access-control-allow-headers', 'authorization, content-type'],
  ['access-control-max-age', '600'],
] as const;

/** The scheme is not compared: behind a proxy that ends TLS, nobody says which it was. */
function isOwn(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
