import { describe, expect, it } from 'vitest';
import { openFilesOf } from './files.ts';

const lines = (soft: string, hard: string) =>
  [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max cpu time              unlimited            unlimited            seconds   ',
    `Max open files            ${soft.padEnd(20)} ${hard.padEnd(20)} files     `,
  ].join('\n');

describe('openFilesOf', () => {
  it('is the hard bound', () => {
    expect(openFilesOf(lines('1024', '20000'))).toBe(20_000);
    expect(openFilesOf(lines('1024', 'unlimited'))).toBe(Infinity);
  });
});
