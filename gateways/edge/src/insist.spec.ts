import type { Outcome } from '@ringback/link';
import { ManualClock } from '@ringback/runtime';
import { reject, type Command } from '@ringback/schemas';
import { ask, host, start } from '@ringback/domain/testing';
import { describe, expect, it } from 'vitest';
import { insist } from './insist.ts';
import { limits } from './limits.ts';

const gone = ask(host, 'call.disconnect', { reason: 'socket-closed' });

/** A link that answers in this order. */
async function stage(...outcomes: Outcome[]) {
  const clock = new ManualClock(start);
  const said: Command[] = [];
  const link = {
    insist: (command: Command) => {
      said.push(command);
      return Promise.resolve(outcomes[said.length - 1]!);
    },
  };
  const done = insist({ link, clock }, gone);
  await new Promise((resolve) => setImmediate(resolve));
  return { clock, said, done };
}

describe('what must be said', () => {
  it('is said again, the same, where there was no room for it', async () => {
    const on = await stage({ ok: false, error: reject('overloaded') }, { ok: true, seq: 7 });
    expect(on.said).toEqual([gone]);
    on.clock.advance(limits.insistAgainMs);
    await on.done;
    expect(on.said).toEqual([gone, gone]);
  });

  it.each(['unknown_outcome', 'too_large', 'call_ended'] as const)(
    'is said once where it is %s',
    async (code) => {
      const on = await stage({ ok: false, error: reject(code) });
      await on.done;
      expect(on.said).toEqual([gone]);
    },
  );
});
