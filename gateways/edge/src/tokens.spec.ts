import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { isRejection, mayEnter, tokenAudience, Tokens, type Tenant } from './tokens.ts';

const nowMs = 1_763_576_674_816;
const now = Math.floor(nowMs / 1_000);
const tenants: readonly [Tenant, Tenant] = [
  { id: 'first', apiKey: 'rbk_first', apiSecret: 'first-secret-of-32-characters-and-more' },
  { id: 'second', apiKey: 'rbk_second', apiSecret: 'second-secret-of-32-characters-and-more' },
];
const tokens = new Tokens(tenants);

function sign(claims: Record<string, unknown>, tenant: Tenant = tenants[0], secret = tenant.apiSecret) {
  const good = { iss: tenant.apiKey, aud: tokenAudience, sub: 'host', exp: now + 60 };
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
}
const verify = async (claims: Record<string, unknown>, tenant?: Tenant, secret?: string) =>
  tokens.verify(await sign(claims, tenant, secret), nowMs);

const rsaKeys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const rsa = (signed: string) =>
  signWith('sha256', Buffer.from(signed), rsaKeys.privateKey).toString('base64url');
const hmac = (hash: string) => (signed: string) =>
  createHmac(hash, tenants[0].apiSecret).update(signed).digest('base64url');

/** A token of which nothing is right by itself. */
function forged(header: object, signature: (signed: string) => string): string {
  const claims = { iss: tenants[0].apiKey, aud: tokenAudience, sub: 'host', exp: now + 60 };
  const signed = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${signature(signed)}`;
}

describe('Tokens', () => {
  it('says who it is and what is granted: nothing by itself', async () => {
    expect(await verify({})).toEqual({
      userId: 'host',
      tenantId: 'first',
      guest: false,
      expiresAt: (now + 60) * 1_000,
      room: undefined,
      roomJoin: false,
      roomCreate: false,
      roomList: false,
      roomAdmin: false,
    });
    const video = { roomJoin: true, room: 'x', roomAdmin: true, canPublish: true };
    expect(await verify({ video, tenant: 'second', guest: true }, tenants[1])).toMatchObject({
      tenantId: 'second',
      guest: true,
      room: 'x',
      roomJoin: true,
      roomAdmin: true,
      roomCreate: false,
    });
  });

  it.each([
    ['another tenant than its key’s', { tenant: 'second' }],
    ['no expiry', { exp: undefined }],
    ['no user', { sub: undefined }],
    ['a user with a space', { sub: 'a b' }],
    ['another audience', { aud: 'other' }],
    ['an unknown key', { iss: 'rbk_third' }],
    ['grants of a wrong type', { video: { roomJoin: 'yes' } }],
    ['a time before it is good', { nbf: now + 30 }],
    ['an end that is a text', { exp: String(now + 60) }],
    ['an end that is for ever', { exp: 1e300 }],
    ['an end too far ahead', { exp: now + limits.tokenLifeSecondsMax + 60 }],
    ['no audience', { aud: undefined }],
    ['no issuer', { iss: undefined }],
    ['an issuer that is a list', { iss: ['rbk_first'] }],
    ['a room that is a list', { video: { room: ['x'] } }],
  ])('refuses %s', async (_, claims) => {
    expect(await verify(claims)).toMatchObject({ code: 'token_invalid' });
  });

  it('refuses a signature by another key, and what is no token', async () => {
    expect(await verify({}, tenants[0], tenants[1].apiSecret)).toMatchObject({ code: 'token_invalid' });
    for (const text of ['', 'x', 'a.b.c', '..'])
      expect(await tokens.verify(text, nowMs)).toMatchObject({ code: 'token_invalid' });
  });

  it.each<[string, () => string]>([
    ['no algorithm', () => forged({ alg: 'none' }, () => '')],
    ['no algorithm, written otherwise', () => forged({ alg: 'NONE' }, () => '')],
    ['a stronger HMAC with the right secret', () => forged({ alg: 'HS512' }, hmac('sha512'))],
    ['a public key where ours is a secret', () => forged({ alg: 'RS256' }, rsa)],
    ['the name of one and the signature of another', () => forged({ alg: 'RS256' }, hmac('sha256'))],
    [
      'a key of its own',
      () => forged({ alg: 'RS256', jwk: rsaKeys.publicKey.export({ format: 'jwk' }) }, rsa),
    ],
    [
      'an extension that has to be understood',
      () => forged({ alg: 'HS256', crit: ['x'], x: 1 }, hmac('sha256')),
    ],
    ['five parts, as if it were encrypted', () => `${forged({ alg: 'HS256' }, hmac('sha256'))}.x.y`],
  ])('refuses %s', async (_, make) => {
    expect(await tokens.verify(make(), nowMs)).toMatchObject({ code: 'token_invalid' });
  });

  it('takes what is signed as it should be, by the same hand', async () => {
    expect(await tokens.verify(forged({ alg: 'HS256' }, hmac('sha256')), nowMs)).toMatchObject({
      userId: 'host',
    });
  });

  it('as long a life as there is, and no grant of it that was not given', async () => {
    const longest = await verify({ exp: now + limits.tokenLifeSecondsMax });
    expect(longest).toMatchObject({ userId: 'host', roomAdmin: false });
    expect(await verify({ video: { __proto__: { roomAdmin: true } } })).toMatchObject({ roomAdmin: false });
  });

  it('says the same again as long as it is good: who holds it, has it', async () => {
    const token = await sign({});
    expect(await tokens.verify(token, nowMs)).toEqual(await tokens.verify(token, nowMs + 1_000));
  });

  it('ends at its second', async () => {
    const token = await sign({ exp: now + 1 });
    expect(isRejection(await tokens.verify(token, now * 1_000))).toBe(false);
    expect(await tokens.verify(token, (now + 1) * 1_000)).toMatchObject({ code: 'token_expired' });
  });

  it('makes guests of the first tenant, who may not administer', async () => {
    const { token, expiresAt } = await tokens.signGuest('guest:1', nowMs, 60);
    expect(await tokens.verify(token, nowMs)).toEqual({
      userId: 'guest:1',
      tenantId: 'first',
      guest: true,
      expiresAt,
      room: undefined,
      roomJoin: true,
      roomCreate: true,
      roomList: true,
      roomAdmin: false,
    });
    expect(expiresAt).toBe((now + 60) * 1_000);
    expect(await tokens.verify(token, expiresAt)).toMatchObject({ code: 'token_expired' });
  });

  it('renews guests of ours, who stay who they are; and nobody else', async () => {
    const { token } = await tokens.signGuest('guest:1', nowMs, 60);
    const renewed = await tokens.renewGuest(token, nowMs + 59_000, 60);
    expect(renewed).toMatchObject({ userId: 'guest:1', expiresAt: (now + 59 + 60) * 1_000 });
    const again = (renewed as { token: string }).token;
    expect(await tokens.verify(again, nowMs + 100_000)).toMatchObject({ userId: 'guest:1', guest: true });
    expect(await tokens.renewGuest(token, nowMs + 60_000, 60)).toMatchObject({ code: 'token_expired' });
    const code = 'not_permitted';
    // An application's own guests have the grants that it gave them, for as long as it said.
    expect(await tokens.renewGuest(await sign({ guest: true }), nowMs, 60)).toMatchObject({ code });
    expect(await tokens.renewGuest(await sign({ renewable: true }), nowMs, 60)).toMatchObject({ code });
    const elsewhere = await sign({ guest: true, renewable: true }, tenants[1]);
    expect(await tokens.renewGuest(elsewhere, nowMs, 60)).toMatchObject({ code });
  });

  it('a token for one call enters no other', async () => {
    const scoped = await verify({ video: { room: 'x' } });
    const open = await verify({});
    if (isRejection(scoped) || isRejection(open)) throw new Error('refused');
    expect([mayEnter(scoped, 'x'), mayEnter(scoped, 'y'), mayEnter(open, 'y')]).toEqual([true, false, true]);
  });
});
