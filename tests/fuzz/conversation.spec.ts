import { reject } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { Conversation } from './conversation.ts';

const id = '019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';
const callId = `00-${id}`;
const unwatch = JSON.stringify({ type: 'unwatch', id, callId });

/** What is found wrong with these replies to these messages. */
function faultsOf(sent: readonly string[], heard: Parameters<Conversation['heard']>[0][]): string[] {
  const faults: string[] = [];
  const conversation = new Conversation((what) => faults.push(what));
  for (const text of sent) conversation.sent(text);
  for (const reply of heard) conversation.heard(reply);
  return [...faults, ...conversation.unanswered.map((text) => `unanswered: ${text}`)];
}
const no = (code: Parameters<typeof reject>[0], to: string | null = id, message?: string) => ({
  ...{ id: to, ok: false, error: reject(code, message) },
});

describe('Conversation', () => {
  it('is content with one reply each', () => {
    expect(faultsOf([unwatch], [{ id, ok: true }])).toEqual([]);
    expect(faultsOf([unwatch], [no('call_unknown')])).toEqual([]);
    expect(faultsOf(['{', '7'], [no('malformed', null), no('malformed', null)])).toEqual([]);
    expect(
      faultsOf(
        [unwatch, unwatch],
        [
          { id, ok: true },
          { id, ok: true },
        ],
      ),
    ).toEqual([]);
  });

  it.each([
    ['none', [unwatch], [], /^unanswered/],
    [
      'two',
      [unwatch],
      [
        { id, ok: true },
        { id, ok: true },
      ],
      /nobody asked/,
    ],
    ['one to something else', [unwatch], [no('malformed', null)], /nobody asked/],
    ['a fault of ours', [unwatch], [no('internal_error')], /our own fault/],
    ['an outcome that is not known', [unwatch], [no('unknown_outcome')], /our own fault/],
    [
      'a code that is none',
      [unwatch],
      [{ id, ok: false, error: { code: 'x', message: 'something is wrong' } as never }],
      /no stable code/,
    ],
    ['a stack', [unwatch], [no('overloaded', id, 'Error: x\n    at f (/a/b.js:1:2)')], /no sentence/],
    [
      'done, what breaks the contract',
      [JSON.stringify({ type: 'unwatch', id, callId: 'x' })],
      [{ id, ok: true }],
      /breaks the contract/,
    ],
    [
      'a decision on what breaks the contract',
      [JSON.stringify({ type: 'unwatch', id })],
      [no('call_unknown')],
      /breaks the contract/,
    ],
  ] as const)('finds %s', (_, sent, heard, fault) => {
    expect(faultsOf(sent, [...heard]).join()).toMatch(fault);
  });
});
