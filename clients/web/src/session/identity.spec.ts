import { beforeEach, expect, it } from 'vitest';
import { identity, IdentityKeeper } from './identity.ts';

const monthMs = 30 * 24 * 3_600_000;
let made: string[];
let renewed: string[];
let canRenew: boolean;
let keeper: IdentityKeeper;

beforeEach(() => {
  identity.value = undefined;
  [made, renewed, canRenew] = [[], [], true];
  keeper = new IdentityKeeper({
    create: async (displayName) => ({
      userId: `guest:${made.push(displayName)}`,
      token: `token-${made.length}`,
      expiresAt: Date.now() + monthMs,
    }),
    renew: async (token) => {
      if (!canRenew) throw new Error('the platform is away');
      const expiresAt = Date.now() + monthMs;
      return { userId: `guest:${made.length}`, token: `${token}-${renewed.push(token) + 1}`, expiresAt };
    },
  });
});

it('is one guest, however many ask at once, and has the name that was said last', async () => {
  const [token, known] = await Promise.all([keeper.token(), keeper.be('Host')]);
  expect([token, known.token, made]).toEqual(['token-1', 'token-1', ['Guest']]);
  expect(identity.value?.displayName).toBe('Host');
});

it('keeps its token while it is good, under any name', async () => {
  await keeper.be('Host');
  expect([(await keeper.be('Guest')).userId, await keeper.token()]).toEqual(['guest:1', 'token-1']);
  expect([identity.value?.displayName, renewed]).toEqual(['Guest', []]);
});

it('is another guest of the same name where the token was refused, or is over', async () => {
  await keeper.be('Host');
  expect(await keeper.token({ refused: 'token_invalid' })).toBe('token-2');
  identity.value = { ...identity.value!, expiresAt: Date.now() + 30_000 };
  expect(await keeper.token()).toBe('token-3');
  expect(made).toEqual(['Host', 'Host', 'Host']);
});

it('stays the same guest by renewing its token in its last days, for which nobody waits', async () => {
  await keeper.be('Host');
  identity.value = { ...identity.value!, expiresAt: Date.now() + monthMs / 10 };
  expect(await Promise.all([keeper.token(), keeper.token()])).toEqual(['token-1', 'token-1']);
  expect(await keeper.token({ expiring: true })).toBe('token-1-2');
  expect([await keeper.token(), renewed, made]).toEqual(['token-1-2', ['token-1'], ['Host']]);
  expect(identity.value).toMatchObject({ displayName: 'Host', userId: 'guest:1' });
});

it('goes on with a token that is good where it can not be renewed', async () => {
  await keeper.be('Host');
  canRenew = false;
  identity.value = { ...identity.value!, expiresAt: Date.now() + monthMs / 10 };
  expect(await keeper.token({ expiring: true })).toBe('token-1');
});
