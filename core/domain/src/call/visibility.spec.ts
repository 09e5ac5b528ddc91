import type { CallEvent, Command } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { ask, camera, host, joined, published, start } from '../testing.ts';
import { toEvents } from './envelope.ts';
import { textWithoutCause, withoutCause } from './visibility.ts';

const context = { seq: 0, now: start, codeVersion: 'test' };
const eventsOf = (command: Command, ...bodies: Parameters<typeof toEvents>[1]) =>
  toEvents(command, bodies, context);

describe('textWithoutCause', () => {
  const publish = ask(host, 'call.publish', { track: camera });
  const [first, second] = eventsOf(publish, published(host), joined(host)) as [CallEvent, CallEvent];
  const tricky = { ...camera, trackId: '","cause":{"command":' };
  const [quoting] = eventsOf(ask(host, 'call.publish', { track: tricky }), published(host, tricky));
  const [elsewhere] = eventsOf(ask(host, 'call.offer', {} as never), published(host));

  it.each([
    ['with a command behind it', first],
    ['that is not the first of its command', second],
    ['that says something that looks like a cause', quoting!],
    ['whose command said something else', elsewhere!],
    [
      'whose cause stands elsewhere',
      { ...first, data: { cause: first.data.cause, ...first.data } } as CallEvent,
    ],
    ['of nothing but a cause', { ...first, data: { cause: first.data.cause } } as CallEvent],
  ])('is the JSON of an event %s, without it', (_, event) => {
    expect(textWithoutCause(event, JSON.stringify(event))).toBe(JSON.stringify(withoutCause(event)));
  });
});
