import { beforeEach, describe, expect, it } from 'vitest';
import { sdkLimits } from '../limits.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { Recovery } from './recovery.ts';

let clock: FakeClock;
let restarts: number;
const make = (polite = false) => new Recovery(clock, polite, () => void (restarts += 1));

beforeEach(() => {
  clock = new FakeClock();
  restarts = 0;
});

describe('ICE is restarted', () => {
  it('when it stays disconnected for 3 s, not when it heals before', async () => {
    const recovery = make();
    recovery.stateChanged('disconnected');
    await clock.pass(sdkLimits.iceDisconnectedMs - 1);
    recovery.stateChanged('connected');
    await clock.pass(60_000);
    expect(restarts).toBe(0);
    recovery.stateChanged('disconnected');
    await clock.pass(sdkLimits.iceDisconnectedMs);
    expect(restarts).toBe(1);
  });

  it('at once when it failed, on the polite side a little later', async () => {
    make().stateChanged('failed');
    await clock.pass(0);
    expect(restarts).toBe(1);
    make(true).stateChanged('failed');
    await clock.pass(sdkLimits.icePoliteExtraMs - 1);
    expect(restarts).toBe(1);
    await clock.pass(1);
    expect(restarts).toBe(2);
  });

  it('again with doubled pauses, and not for ever', async () => {
    const startMs = clock.now();
    const atMs: number[] = [];
    new Recovery(clock, false, () => atMs.push(clock.now() - startMs)).stateChanged('failed');
    await clock.pass(600_000);
    expect(atMs).toEqual([0, 4_000, 12_000, 28_000, 58_000, 88_000, 118_000]);
    expect(clock.timers).toBe(0);
  });

  it('not while an earlier restart is being tried', async () => {
    const recovery = make();
    recovery.stateChanged('failed');
    await clock.pass(0);
    recovery.stateChanged('connecting');
    await clock.pass(60_000);
    expect(restarts).toBe(1);
  });

  it('on another network, whatever was tried before', async () => {
    const recovery = make();
    recovery.stateChanged('failed');
    await clock.pass(600_000);
    recovery.networkChanged();
    expect(restarts).toBe(sdkLimits.iceRestartsMax + 1);
  });

  it('only when there is somebody to answer', async () => {
    const recovery = make();
    recovery.setPresent(false);
    recovery.stateChanged('failed');
    recovery.networkChanged();
    await clock.pass(60_000);
    expect(restarts).toBe(0);
    recovery.setPresent(true);
    await clock.pass(0);
    expect(restarts).toBe(1);
    recovery.close();
    expect(clock.timers).toBe(0);
  });
});
