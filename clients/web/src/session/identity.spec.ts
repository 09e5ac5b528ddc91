import { beforeEach, expect, it } from 'vitest';
import { identity, IdentityKeeper } from './identity.ts';

let made: string[];
let keeper: IdentityKeeper;

beforeEach(() => {
  identity.value = undefined;
  made = [];
  keeper = new IdentityKeeper(async (displayName) => ({
    userId: `guest:${made.push(displayName)}`,
    token: `token-${made.length}`,
    expiresAt: Date.now() + 3_600_000,
  }));
});

it('is one guest, however many ask at once, and has the name that was said last', async () => {
  const [token, known] = await Promise.all([keeper.token(false), keeper.be('Host')]);
  expect([token, known.token, made]).toEqual(['token-1', 'token-1', ['Guest']]);
  expect(identity.value?.displayName).toBe('Host');
});

it('keeps its token while it is good, under any name', async () => {
  await keeper.be('Host');
  expect([(await keeper.be('Guest')).userId, await keeper.token(false)]).toEqual(['guest:1', 'token-1']);
  expect(identity.value?.displayName).toBe('Guest');
});

it('is another guest of the same name where the token was refused, or will soon expire', async () => {
  await keeper.be('Host');
  expect(await keeper.token(true)).toBe('token-2');
  identity.value = { ...identity.value!, expiresAt: Date.now() + 30_000 };
  expect(await keeper.token(false)).toBe('token-3');
  expect(made).toEqual(['Host', 'Host', 'Host']);
});
