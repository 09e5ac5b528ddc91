import { expect, it } from 'vitest';
import { callIdOf } from './arguments.ts';

const callId = '03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';
const of = (text: string) => callIdOf({ positionals: [text], values: {} } as never);

it.each([callId, `https://meet.example.org/c/${callId}`, `http://localhost:8080/t/${callId}#seq=12`])(
  'a call is named by its id, or by a link to it: %s',
  (text) => expect(of(text)).toBe(callId),
);

it('anything else is refused', () => {
  for (const text of ['', 'x', `${callId}0`, `https://meet.example.org/${callId}/`])
    expect(() => of(text)).toThrow(/call's id/);
});
