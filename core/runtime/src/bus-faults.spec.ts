import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { busFaults, Tally } from './bus-faults.ts';
import { BadMessage, listen } from './bus.ts';
import { limits } from './limits.ts';
import type { Logger } from './log.ts';
import { makeMetrics } from './metrics.ts';

describe('listen', () => {
  const form = z.looseObject({ n: z.int() });
  const heard: unknown[] = [];
  const replies: unknown[] = [];
  let deliver: (message: unknown) => void = () => {};
  listen(
    {
      subscribe: (_, handler) => {
        deliver = (message) => handler(message, 'a', (answer) => replies.push(answer));
        return () => {};
      },
    },
    'a',
    form,
    (message) => heard.push(message),
  );

  it('hands on what has the form, as it came', () => {
    deliver({ n: 1, more: {} });
    expect(heard).toEqual([{ n: 1, more: {} }]);
    expect(replies).toEqual([]);
  });

  it('tells whoever asked, and the bus, what has not', () => {
    expect(() => deliver({ n: 'x' })).toThrow(BadMessage);
    expect(() => deliver(null)).toThrow(/^the message: /);
    expect(replies[0]).toMatchObject({
      ok: false,
      error: { code: 'invalid', message: expect.stringMatching(/^n: /) },
    });
    expect(heard).toHaveLength(1);
  });
});

describe('busFaults', () => {
  const lines: { level: string; subject: string; count: number }[] = [];
  const write = (level: string) => (line: { subject: string; count: number }) =>
    lines.push({ level, ...line });
  const logger = { warn: write('warn'), error: write('error') } as unknown as Logger;

  it('counts all, tells the 1st, 10th, 100th … of each kind, and whose fault it is', async () => {
    const registry = makeMetrics('test');
    const told = busFaults(logger, registry);
    for (let n = 0; n < 150; n++) told(`cmd.0${n % 2}`, new BadMessage('x'));
    told('feed.edge-1', new TypeError('x'));
    expect(lines.map(({ level, subject, count }) => `${level} ${subject} ${count}`)).toEqual([
      'warn cmd.00 1',
      'warn cmd.01 10',
      'warn cmd.01 100',
      'error feed.edge-1 1',
    ]);
    const { values } = (await registry.getSingleMetric('ringback_bus_faults_total')!.get()) as {
      values: { labels: object; value: number }[];
    };
    expect(values).toMatchObject([
      { labels: { subject: 'cmd', error: 'BadMessage' }, value: 150 },
      { labels: { subject: 'feed', error: 'TypeError' }, value: 1 },
    ]);
  });

  it('has a bound on kinds', () => {
    const tally = new Tally();
    const kinds = Array.from({ length: limits.faultKindsMax }, (_, n) => tally.add(`kind ${n}`));
    expect(kinds).toEqual(kinds.map(() => 1));
    expect([tally.add('one more'), tally.add('and one more'), tally.add('kind 0')]).toEqual([
      1,
      undefined,
      undefined,
    ]);
  });

  it('says no more of a message than so much', () => {
    expect(new BadMessage('x'.repeat(1_000)).message).toHaveLength(limits.badMessageLengthMax);
  });
});
