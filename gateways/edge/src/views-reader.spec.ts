import { makeLogger, MemoryBus } from '@ringback/runtime';
import { subjects, type ViewAnswer } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { ViewsReader } from './views-reader.ts';

const logger = makeLogger('test', 'silent');
const question = { ask: 'calls', limit: 1 } as const;
const away = { ok: false, error: { code: 'views_unavailable' } };

describe('ViewsReader', () => {
  it('hands on what the views say', async () => {
    const bus = new MemoryBus();
    const answer: ViewAnswer = { ok: true, calls: [], more: false, stale: true };
    bus.subscribe(subjects.viewQuestions, (asked, _, reply) => {
      expect(asked).toEqual(question);
      reply(answer);
    });
    expect(await new ViewsReader(bus, logger).ask(question)).toEqual(answer);
  });

  it('refuses where nobody answers, or something else', async () => {
    const bus = new MemoryBus();
    const reader = new ViewsReader(bus, logger);
    expect(await reader.ask(question)).toMatchObject(away);
    bus.subscribe(subjects.viewQuestions, (_, __, reply) => reply({ ok: 'perhaps' }));
    expect(await reader.ask(question)).toMatchObject(away);
  });
});
