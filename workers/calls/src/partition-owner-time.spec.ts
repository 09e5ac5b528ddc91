import { limits as callLimits, subjects } from '@ringback/schemas';
import { host, callId, join, settings } from '@ringback/domain/testing';
import { describe, expect, it, vi } from 'vitest';
import { limits } from './limits.ts';
import { create, hold, partition, stage, told, toggles } from './testing.ts';

describe('heads', () => {
  it('name what changed, once, and are a sign of life otherwise', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    on.heads.length = 0;
    on.clock.advance(2 * limits.headMs);
    await vi.waitFor(() => expect(on.heads).toHaveLength(2));
    expect(on.heads).toEqual([
      { partition, epoch: on.owner.epoch, owner: 'owner-1', heads: { [callId]: 2 } },
      { partition, epoch: on.owner.epoch, owner: 'owner-1', heads: {} },
    ]);
  });

  it('are told under steady load too', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    on.heads.length = 0;
    const release = hold(on.ports.log);
    on.send(...toggles(1, 0x9000));
    await on.drained();
    on.clock.advance(limits.headMs);
    // More waits already, so that the next append follows at once.
    on.send(...toggles(1, 0x9100));
    await on.drained();
    release();
    await vi.waitFor(() => expect(on.heads.some((h) => h.heads[callId] === 3)).toBe(true));
  });

  it('tell a gateway that follows late', async () => {
    const on = await stage();
    on.send(create);
    await told(on, 1);
    on.clock.advance(limits.headMs);
    on.batch({ follow: [callId] });
    await on.drained();
    on.clock.advance(limits.headMs);
    await vi.waitFor(() => expect(on.heads.at(-1)?.heads).toEqual({ [callId]: 1 }));
  });
});

describe('time', () => {
  it('a gateway that went silent: disconnected, then left, then the empty call ends', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    // The last the owner hears of it.
    on.beat();
    await on.drained();
    await on.pass(limits.gatewaySilentMs);
    expect(await on.types()).toHaveLength(2);
    on.clock.advance(2 * limits.tickMs);
    await vi.waitFor(async () => expect(await on.types()).toHaveLength(3));
    expect((await on.commits()).at(-1)?.body.events).toMatchObject([
      { type: 'call.participant.disconnected', data: { reason: 'gateway-lost' } },
    ]);
    on.clock.advance(callLimits.graceMs);
    await vi.waitFor(async () =>
      expect((await on.commits()).at(-1)?.body.events).toMatchObject([
        { type: 'call.participant.left', data: { reason: 'lost' } },
      ]),
    );
    on.clock.advance(settings.emptyTimeoutMs + limits.tickMs);
    await vi.waitFor(async () =>
      expect((await on.commits()).at(-1)?.body.events).toMatchObject([
        { type: 'call.ended', data: { reason: 'empty' } },
      ]),
    );
  });

  it('a gateway that is heard keeps its people', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    for (let second = 0; second < 20; second++) {
      on.beat();
      await on.drained();
      on.clock.advance(1_000);
      await on.drained();
    }
    expect(await on.types()).toEqual(['call.created', 'call.participant.joined']);
  });

  it('while the owner hears nobody, itself included, silence means nothing', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    // The bus is away, as while a cluster elects: nothing arrives. The gateway is well all the time.
    const deaf = vi.spyOn(on.bus, 'publish').mockImplementation(() => {});
    await on.pass(12_000);
    deaf.mockRestore();
    for (let second = 0; second < 8; second++) {
      on.beat();
      await on.pass(1_000);
    }
    expect(await on.types()).toEqual(['call.created', 'call.participant.joined']);
  });

  it('another life of the gateway does not', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    for (let second = 0; second < 7; second++) {
      on.bus.publish(subjects.beat('edge-1'), { gateway: 'edge-1', incarnation: '2' });
      await on.drained();
      on.clock.advance(1_000);
      await on.drained();
    }
    expect(await on.types()).toContain('call.participant.disconnected');
  });

  it('a call that nobody came to ends', async () => {
    const on = await stage();
    on.send(create);
    await told(on, 1);
    on.clock.advance(callLimits.firstJoinTimeoutMs - 1);
    await on.drained();
    expect(await on.types()).toEqual(['call.created']);
    on.clock.advance(limits.tickMs + 1);
    await vi.waitFor(async () => expect(await on.types()).toEqual(['call.created', 'call.ended']));
  });
});
