import { ask, host, socketGone } from '@ringback/domain/testing';
import type { Command } from '@ringback/schemas';
import { expect, it } from 'vitest';
import { CommandQueue } from './command-queue.ts';
import { limits } from './limits.ts';

it('people who ask too much do not hold up what the platform does about them', () => {
  const queue = new CommandQueue();
  let refs = 0;
  const add = (command: Command, count: number) =>
    queue.addBatch(
      { gateway: 'edge-1', incarnation: '1' },
      Array.from({ length: count }, () => ({ ref: refs++, command })),
    ).length;
  const asked = ask(host, 'call.lock', {});
  const strange = { ...asked, type: 'call.levitate' } as unknown as Command;
  expect(add(asked, limits.waitingMax)).toBe(0);
  expect(add(asked, 2)).toBe(2);
  expect(add(strange, 1)).toBe(1);
  expect(add(socketGone(host), limits.waitingReserve)).toBe(0);
  expect(add(socketGone(host), 1)).toBe(1);
});
