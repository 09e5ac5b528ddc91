import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callEvents, type CallEvent } from './call/events.ts';
import { current, isKnown, isKnownType, upcast, versionOf } from './call/steps.ts';
import { defineEvent, type Cause } from './envelope.ts';
import { makeUpcast, type StepsTo, type StoredData } from './upcast.ts';

/** A family that lived through three versions: in the second the name got its language, in the third its case was fixed. */
const named = defineEvent({
  type: 'call.named',
  version: 3,
  summary: 'The call has another name.',
  causedBy: ['call.name'],
  data: { title: z.string(), language: z.string() },
});
type Named = Omit<z.infer<typeof named.schema>['data'], 'cause'>;
type Steps = StepsTo<(typeof named)['version'], Named>;

const withLanguage = ({ name }: StoredData): StoredData => ({ name, language: 'en' });
const withTitle = ({ name, language }: StoredData): Named => ({
  title: String(name).trim(),
  language: String(language),
});
const steps: Steps = [withLanguage, withTitle];
const upcastNamed = makeUpcast({ 'call.named': steps, 'call.fresh': [] });

const cause: Cause = {
  command: 'call.name',
  actor: { kind: 'system', name: 'spec' },
  receivedTime: '2026-01-01T00:00:00.000Z',
  same: ['name'],
  data: { silent: true },
};
const stored = (schemaversion: number, data: object, type = 'call.named') => ({
  ...{ specversion: '1.0', id: '03/7', sequence: 7, codeversion: '0.1.0' },
  ...{ type, schemaversion, data },
});

describe('upcast', () => {
  it('takes every version by its steps to the newest, and leaves that as it is', () => {
    const newest = stored(3, { title: 'Daily', language: 'en' });
    expect(upcastNamed(stored(1, { name: ' Daily ' }))).toEqual(newest);
    expect(upcastNamed(stored(2, { name: 'Daily', language: 'en' }))).toEqual(newest);
    expect(upcastNamed(newest)).toBe(newest);
    const fresh = stored(1, {}, 'call.fresh');
    expect(upcastNamed(fresh)).toBe(fresh);
  });

  it('keeps the command as it was sent, whatever became of the fields that it shared with the event', () => {
    const raised = upcastNamed(stored(1, { name: ' Daily ', cause }));
    expect(raised).toEqual(
      stored(3, {
        title: 'Daily',
        language: 'en',
        cause: { ...cause, same: [], data: { silent: true, name: ' Daily ' } },
      }),
    );
  });

  it('says what it does not know, without touching it', () => {
    expect(upcastNamed(stored(1, {}, 'call.levitated'))).toBe('unknown');
    for (const type of ['constructor', '__proto__', 'toString'])
      expect(upcastNamed(stored(1, {}, type))).toBe('unknown');
    for (const version of [4, 99, 0, -1, 1.5, NaN]) expect(upcastNamed(stored(version, {}))).toBe('newer');
    expect(upcastNamed({ ...stored(1, {}), schemaversion: undefined as never })).toBe('newer');
  });

  it('is pure: what goes in stays as it was, and the same comes of it again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 }), fc.string(), (version, name) => {
        const event = stored(version, { name, language: 'fr', cause });
        const before = structuredClone(event);
        const once = upcastNamed(event);
        expect(event).toEqual(before);
        expect(upcastNamed(event)).toEqual(once);
        expect(upcastNamed(once as typeof event)).toBe(once);
        expect(named.data.safeParse((once as typeof event).data).error).toBeUndefined();
      }),
    );
  });

  it('does not compile without all of its steps', () => {
    // @ts-expect-error: from 2 to 3 is missing
    const short: Steps = [withTitle];
    // @ts-expect-error: the last one has to lead to today's data
    const wrong: Steps = [withLanguage, withLanguage];
    // @ts-expect-error: there is no version 4
    const long: Steps = [withLanguage, withLanguage, withTitle];
    const first: StepsTo<1, Named> = [];
    expect([short, wrong, long, first].map((list) => list.length)).toEqual([1, 2, 3, 0]);
  });
});

describe('the events of a call', () => {
  it.each(callEvents)('$type is at the version that its steps lead to', ({ type, version }) => {
    expect(versionOf(type)).toBe(version);
    expect(isKnownType(type)).toBe(true);
  });

  it('are shown as they were stored where this code does not know them', () => {
    const event = (type: string, schemaversion: number) =>
      stored(schemaversion, { by: 'x' }, type) as unknown as CallEvent;
    const locked = event('call.locked', versionOf('call.locked'));
    const unknown = event('call.levitated', 1);
    const newer = event('call.locked', versionOf('call.locked') + 1);
    expect([locked, unknown, newer].map(isKnown)).toEqual([true, false, false]);
    for (const one of [locked, unknown, newer]) expect(current(one)).toBe(one);
    expect([unknown, newer].map(upcast)).toEqual(['unknown', 'newer']);
    expect(isKnownType('constructor')).toBe(false);
  });
});
