import type { Outcome } from '@ringback/link';
import { ManualClock, seededIds } from '@ringback/runtime';
import { reject, type Command } from '@ringback/schemas';
import { callId, camera, host, second, start, uuid } from '@ringback/domain/testing';
import { describe, expect, it } from 'vitest';
import { commandSender } from './commands.ts';
import { limits } from './limits.ts';

const about = { callId, tenantId: 'default' };
const to = { to: host.participantId, epoch: 1, trackId: camera.trackId };
const settled = () => new Promise((resolve) => setImmediate(resolve));

function stage() {
  const clock = new ManualClock(start);
  const said: Command[] = [];
  let outcome: Outcome = { ok: false, error: reject('overloaded') };
  const link = {
    insist: (command: Command) => {
      said.push(command);
      return Promise.resolve(outcome);
    },
  };
  return {
    clock,
    said,
    send: commandSender(link, clock, seededIds(1)),
    answer: (next: Outcome) => (outcome = next),
  };
}

describe('what a Call Server says of a call', () => {
  it('is said again, the same, until there is room for it, and no more then', async () => {
    const on = stage();
    on.send(about, 'call.encodings', { ...to, producerId: uuid(1), maxSpatialLayer: 1 });
    await settled();
    on.answer({ ok: true, seq: 7 });
    for (let i = 0; i < 3; i++) {
      on.clock.advance(limits.insistAgainMs);
      await settled();
    }
    expect(on.said.map(({ id }) => id)).toEqual([on.said[0]!.id, on.said[0]!.id]);
  });

  it('is left out where it would be another soon', async () => {
    const on = stage();
    const layers = {
      decision: 'layer-up',
      layers: null,
      before: null,
      reason: 'tile-size',
      samples: {},
    } as const;
    on.send(about, 'call.layers', { ...to, participantId: second.participantId, ...layers });
    await settled();
    on.clock.advance(limits.insistAgainMs);
    await settled();
    expect(on.said).toHaveLength(1);
  });
});
