import { describe, expect, it } from 'vitest';
import { chooseLogCases, logCases } from './log-cases.ts';
import { runLogCase } from './run-log-case.ts';

/** The quick ones that touch most; `npm run faults -- --only log` goes through all, with more load. */
const names = ['log/r1-server-killed', 'log/r1-acks-dropped', 'log/r3-leader-killed'];

describe('the log under load', () => {
  it.each(names)(
    '%s: nothing acknowledged is lost, nothing is doubled',
    async (name) => {
      const [one] = chooseLogCases(name);
      const result = await runLogCase(one!, 2_000);
      expect(result).toMatchObject({ lost: 0, duplicated: 0 });
      expect(result.fault).toBeUndefined();
      expect(result.acked).toBeGreaterThanOrEqual(2_000);
    },
    120_000,
  );

  it('every case has a name of its own, and can be chosen by it', () => {
    expect(new Set(logCases.map(({ name }) => name)).size).toBe(logCases.length);
    expect(chooseLogCases('log')).toEqual(logCases);
    expect(chooseLogCases('edge')).toEqual([]);
  });
});
