import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
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
  ])('refuses %s', async (_, claims) => {
    expect(await verify(claims)).toMatchObject({ code: 'token_invalid' });
  });

  it('refuses a signature by another key, and what is no token', async () => {
    expect(await verify({}, tenants[0], tenants[1].apiSecret)).toMatchObject({ code: 'token_invalid' });
    for (const text of ['', 'x', 'a.b.c', '..'])
      expect(await tokens.verify(text, nowMs)).toMatchObject({ code: 'token_invalid' });
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

  it('a token for one call enters no other', async () => {
    const scoped = await verify({ video: { room: 'x' } });
    const open = await verify({});
    if (isRejection(scoped) || isRejection(open)) throw new Error('refused');
    expect([mayEnter(scoped, 'x'), mayEnter(scoped, 'y'), mayEnter(open, 'y')]).toEqual([true, false, true]);
  });
});
