import { expect, it } from 'vitest';
import { cpuMsOfStat, machineCpuMsOfStat } from './cpu.ts';

it('adds user and kernel time, whatever the name holds', () => {
  const stat = '4711 (a) b (c) S 1 4711 4711 0 -1 4194560 9 0 0 0 250 50 7 8 20 0 11 0 99 1000 200';
  expect(cpuMsOfStat(stat)).toBe(3_000);
});

it('adds everything that is not idle', () => {
  const stat = 'cpu  100 10 50 9000 800 0 30 10 7 7\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
  expect(machineCpuMsOfStat(stat)).toBe(2_000);
});
