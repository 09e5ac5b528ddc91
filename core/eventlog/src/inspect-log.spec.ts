import { describe, expect, it } from 'vitest';
import { compareVersions, skewOf } from './inspect-log.ts';

describe('what is looked at in the log', () => {
  it.each([
    ['2.14.4', '2.14.4', 0],
    ['2.14.3', '2.14.4', -1],
    ['2.9.25', '2.14.4', -1],
    ['2.15.0-RC.1', '2.14.4', 1],
    ['3.0.0', '2.14.4', 1],
  ])('version %s next to %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });

  it("a server's clock is off only where no delay explains it", () => {
    const ts = '2026-01-01T00:00:10.000Z';
    const at = Date.parse(ts);
    expect(skewOf({ ts }, at - 5_000, at + 5_000)).toEqual([]);
    expect(skewOf({ ts }, at - 900, at - 500)).toEqual([]);
    expect(skewOf({ ts }, at - 3_000, at - 2_000)[0]?.message).toContain('2000 ms ahead');
    expect(skewOf({ ts }, at + 4_000, at + 4_500)[0]?.message).toContain('4000 ms behind');
  });
});
