import { callId } from '@ringback/domain/testing';
import { makeLogger, ManualClock, MemoryBus } from '@ringback/runtime';
import { reject, subjects } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { OwnerLink } from './owner-link.ts';

const partition = 3;

/** A question, and an owner that answers it like this. */
function asked(reply: unknown) {
  const clock = new ManualClock(0);
  const bus = new MemoryBus();
  bus.subscribe(subjects.questions(partition), (_, __, say) => say(reply));
  const link = new OwnerLink({
    bus,
    clock,
    logger: makeLogger('test', 'silent'),
    gateway: 'edge-1',
    incarnation: '1',
    partitions: partition + 1,
    random: () => 0.5,
    onEvents: () => {},
    onHead: () => {},
  });
  return { clock, answer: link.ask(partition, { ask: 'events', callId, after: 3, limit: 10 }) };
}

describe('questions', () => {
  it('are answered by the owner, whatever else it may say', async () => {
    const reply = {
      partition,
      epoch: 1,
      owner: 'o',
      ok: true,
      events: [],
      head: 3,
      news: 'of a later version',
    };
    expect(await asked(reply).answer).toEqual(reply);
  });

  it.each([[null], ['text'], [[]]])('answered with %j are refused, never thrown', async (reply) => {
    const { clock, answer } = asked(reply);
    for (let tries = 0; tries < limits.askTries; tries++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(limits.resendMs);
    }
    expect(await answer).toEqual({ ok: false, error: reject('overloaded') });
  });
});
