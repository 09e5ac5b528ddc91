import { describe, expect, it } from 'vitest';
import { Gate } from './gate.ts';

describe('Gate', () => {
  it('lets so many in, makes some wait, and turns the rest away', async () => {
    const gate = new Gate(2, 1);
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const enter = (n: number) =>
      gate.run(async () => {
        begun.push(n);
        await new Promise<void>((resolve) => ends.push(resolve));
        return { n };
      });
    const results = [enter(1), enter(2), enter(3), enter(4)];
    expect(begun).toEqual([1, 2]);
    expect(await results[3]).toBeUndefined();
    ends[0]!();
    expect(await results[0]).toEqual({ n: 1 });
    expect(begun).toEqual([1, 2, 3]);
    for (const end of ends) end();
    expect(await Promise.all(results.slice(1, 3))).toEqual([{ n: 2 }, { n: 3 }]);
    void enter(5);
    expect(begun).toEqual([1, 2, 3, 5]);
  });

  it('lets the next one in after a failure', async () => {
    const gate = new Gate(1, 1);
    const failing = gate.run(() => Promise.reject(new Error('no')));
    const next = gate.run(async () => ({}));
    await expect(failing).rejects.toThrow();
    expect(await next).toEqual({});
  });
});
