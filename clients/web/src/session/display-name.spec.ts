import { expect, it } from 'vitest';
import { cleanName } from './display-name.ts';

it('makes of what was typed a name that the platform takes', () => {
  expect(cleanName('  Guest  ')).toBe('Guest');
  expect(cleanName('A\u202eB\tC')).toBe('A B C');
  expect(cleanName('x'.repeat(200))).toHaveLength(80);
  expect(cleanName(' \n ')).toBe('');
});
