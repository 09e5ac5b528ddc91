import { describe, expect, it } from 'vitest';
import { spoilt, type Run } from './measure.ts';
import { figuresOf, print, ratio } from './report.ts';

const run = (cpuMsPerMbit: number, more: Partial<Run> = {}): Run => ({
  cpuMsPerMbit,
  cpuMsPer1000Packets: cpuMsPerMbit * 6,
  parts: { worker: cpuMsPerMbit - 0.5, node: 0.5 },
  besides: { nats: 0.1, edge: 0.2 },
  sentMbps: 1,
  receivedMbps: 100,
  packetsPerSecond: 16_000,
  lostShare: 0,
  forwardedShare: 1,
  serverShare: 0.3,
  loadShare: 0.4,
  busyShare: 0.5,
  lateMsMax: 1,
  ...more,
});

describe('spoilt', () => {
  it('is a run that lost packets or had to wait for a core', () => {
    expect(spoilt(run(3))).toBeUndefined();
    expect(spoilt(run(3, { lostShare: 0.0011 }))).toBe('0.11 % lost');
    expect(spoilt(run(3, { forwardedShare: 0.9 }))).toBe('only 90.0 % forwarded');
    expect(spoilt(run(3, { busyShare: 0.96 }))).toBe('machine 96 % busy');
  });
});

describe('ratio', () => {
  it('compares runs of the same round and leaves out rounds without both', () => {
    const rounds = [{ ours: run(3), bare: run(2) }, { ours: run(9) }, { ours: run(4), bare: run(4) }];
    expect(ratio(rounds, 'ours', 'bare')).toBe(1.25);
    expect(ratio(rounds, 'ours', 'janus')).toBeNaN();
  });
});

describe('figuresOf', () => {
  const rounds = { oneToMany: [{ ours: run(3), bare: run(2) }], everybody: [{ bare: run(2) }] };

  it('names 1 -> 100 without a suffix and leaves out what was not measured', () => {
    const figures = figuresOf(rounds);
    expect(figures).toMatchObject({ cpuMsPerMbit: 3, ratioToLimit: 1.5, controlPlaneCpuMsPerMbit: 0.3 });
    expect(figures).toMatchObject({ bareCpuMsPerMbitAt10x10: 2, runsUsedAt10x10: 0 });
    expect(Object.keys(figures).filter((name) => name.includes('anus'))).toEqual([]);
    expect(figures).not.toHaveProperty('ratioToLimitAt10x10');
  });

  it('is said in a table, and that Janus is not there', () => {
    const said: string[] = [];
    print(rounds, false, (text) => said.push(text));
    expect(said.join('\n')).toContain('ours is 1.5 times bare mediasoup');
    expect(said.join('\n')).toContain('ours is (no usable runs) times bare mediasoup');
    expect(said.at(-1)).toContain('Janus is not installed');
  });
});
