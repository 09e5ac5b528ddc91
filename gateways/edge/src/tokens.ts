import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose';
import { reject, tenantIdSchema, userIdSchema, type Actor, type Rejection } from '@ringback/schemas';
import { z } from 'zod';
import { limits } from './limits.ts';

/** Who may sign tokens: an application of a tenant, by its key. */
export const tenantsSchema = z
  .array(z.strictObject({ id: tenantIdSchema, apiKey: z.string().min(8), apiSecret: z.string().min(32) }))
  .min(1);
export type Tenant = z.infer<typeof tenantsSchema>[number];

/** RINGBACK_TENANTS. What is wrong with it is said without its text, which holds secrets. */
export const tenantsSetting = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('is not valid JSON: write [{"id": …, "apiKey": …, "apiSecret": …}]');
      return z.NEVER;
    }
  })
  .pipe(tenantsSchema);

export const tokenAudience = 'ringback';

/**
 * A join token: a JWT (RFC 7519), HS256, `iss` the API key, `sub` the user, `aud` "ringback", `exp` required and at most 90 days ahead,
 * `nbf` kept where it is there.
 * Grants stand under `video`, named as LiveKit names them.
 */
const claimsSchema = z.object({
  sub: userIdSchema,
  exp: z.number(),
  tenant: tenantIdSchema.optional(),
  guest: z.boolean().default(false),
  video: z
    .object({
      /** May join calls … */
      roomJoin: z.boolean().default(false),
      /** … or this one alone. */
      room: z.string().optional(),
      roomCreate: z.boolean().default(false),
      roomList: z.boolean().default(false),
      /** Host in the calls it may join; reads their timelines. */
      roomAdmin: z.boolean().default(false),
    })
    .default({ roomJoin: false, roomCreate: false, roomList: false, roomAdmin: false }),
});

/** What a verified token says. */
export interface Identity {
  readonly userId: string;
  readonly tenantId: string;
  readonly guest: boolean;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly roomJoin: boolean;
  readonly room: string | undefined;
  readonly roomCreate: boolean;
  readonly roomList: boolean;
  readonly roomAdmin: boolean;
}

export class Tokens {
  readonly #tenants: readonly Tenant[];

  constructor(tenants: readonly Tenant[]) {
    this.#tenants = tenants;
  }

  /** The tenant of guests who come by link. */
  get guestTenant(): Tenant {
    return this.#tenants[0]!;
  }

  /** Never throws for what the token is: every fault is a refusal. */
  async verify(token: string, nowMs: number): Promise<Identity | Rejection> {
    try {
      const { iss } = decodeJwt(token);
      const tenant = this.#tenants.find((t) => t.apiKey === iss);
      if (tenant === undefined) return reject('token_invalid');
      const { payload } = await jwtVerify(token, new TextEncoder().encode(tenant.apiSecret), {
        algorithms: ['HS256'],
        audience: tokenAudience,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(nowMs),
      });
      const claims = claimsSchema.safeParse(payload);
      if (!claims.success || (claims.data.tenant ?? tenant.id) !== tenant.id) return reject('token_invalid');
      const { sub, exp, guest, video } = claims.data;
      if (exp - nowMs / 1_000 > limits.tokenLifeSecondsMax)
        return reject(
          'token_invalid',
          'The token\'s claim "exp" is more than 90 days ahead: sign one that ends sooner. See /docs#tokens.',
        );
      return { userId: sub, tenantId: tenant.id, guest, expiresAt: exp * 1_000, room: undefined, ...video };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return reject('token_expired');
      if (error instanceof errors.JWTClaimValidationFailed)
        return reject(
          'token_invalid',
          `The token's claim "${error.claim}" is ${error.reason}. See /docs#tokens.`,
        );
      return reject('token_invalid');
    }
  }

  /** A guest's identity: may start calls, join those whose link it knows, and list its own. */
  async signGuest(
    userId: string,
    nowMs: number,
    ttlSeconds: number,
  ): Promise<{ token: string; expiresAt: number }> {
    const { apiKey, apiSecret, id } = this.guestTenant;
    const expires = Math.floor(nowMs / 1_000) + ttlSeconds;
    const token = await new SignJWT({
      tenant: id,
      guest: true,
      renewable: true,
      video: { roomJoin: true, roomCreate: true, roomList: true },
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(apiKey)
      .setSubject(userId)
      .setAudience(tokenAudience)
      .setIssuedAt(Math.floor(nowMs / 1_000))
      .setExpirationTime(expires)
      .sign(new TextEncoder().encode(apiSecret));
    return { token, expiresAt: expires * 1_000 };
  }

  /** Another token for a guest whom `signGuest` made: what an application signs is for it to renew. */
  async renewGuest(
    token: string,
    nowMs: number,
    ttlSeconds: number,
  ): Promise<{ userId: string; token: string; expiresAt: number } | Rejection> {
    const identity = await this.verify(token, nowMs);
    if (isRejection(identity)) return identity;
    const { userId, guest, tenantId } = identity;
    const isOurs = guest && tenantId === this.guestTenant.id && decodeJwt(token)['renewable'] === true;
    if (!isOurs) return reject('not_permitted', 'Only guests renew their tokens here.');
    return { userId, ...(await this.signGuest(userId, nowMs, ttlSeconds)) };
  }
}

export function isRejection(value: object): value is Rejection {
  return 'code' in value;
}

/** May this identity do something to this call at all? */
export function mayEnter(identity: Identity, callId: string): boolean {
  return identity.room === undefined || identity.room === callId;
}

/** May they know who of the tenant is there? Not who came by a link, or was let into one call. */
export function maySeePeople({ guest, room }: Identity): boolean {
  return !guest && room === undefined;
}

/**
 * Why a session can not go on with this token: it is for somebody else, or does not reach the calls that the session
 * is in (`inCalls`) or follows (`watched`), or the people that it hears of (`followsPeople`).
 */
export function renewalRefusal(
  before: Identity,
  after: Identity,
  now: { inCalls: readonly string[]; watched: readonly string[]; followsPeople: boolean },
): Rejection | undefined {
  if (after.userId !== before.userId || after.tenantId !== before.tenantId) return reject('token_mismatch');
  const { inCalls, watched } = now;
  const isOut = [...inCalls, ...watched].some((callId) => !mayEnter(after, callId));
  const mayNotJoin = inCalls.length > 0 && !after.roomJoin;
  // Who follows may do so as an administrator alone.
  const mayNotRead = watched.length > 0 && before.roomAdmin && !after.roomAdmin;
  const mayNotSee = now.followsPeople && !maySeePeople(after);
  if (!isOut && !mayNotJoin && !mayNotRead && !mayNotSee) return undefined;
  return reject(
    'not_permitted',
    'The new token does not permit what this session does: leave the calls, and follow no people, that it does not reach first.',
  );
}

/** Who it is in events. */
export function actorOf({ userId, guest, roomAdmin }: Identity): Actor {
  return { kind: 'user', userId, guest, admin: roomAdmin };
}
