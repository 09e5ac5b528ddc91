import { describe, expect, it } from 'vitest';
import { shortcutOf } from './shortcuts.ts';

const press = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  ...more,
});

describe('shortcuts', () => {
  it('knows its keys', () => {
    expect(shortcutOf(press('m'), false)).toBe('mute');
    expect(shortcutOf(press('v'), false)).toBe('camera');
    expect(shortcutOf(press('?', { shiftKey: true }), false)).toBe('help');
    expect(shortcutOf(press('ArrowRight'), false)).toBe('next');
    expect(shortcutOf(press('x'), false)).toBeUndefined();
  });

  it('leaves only with Shift', () => {
    expect(shortcutOf(press('l'), false)).toBeUndefined();
    expect(shortcutOf(press('L', { shiftKey: true }), false)).toBe('leave');
  });

  it('keeps out of typing, of held keys and of the browser', () => {
    expect(shortcutOf(press('m'), true)).toBeUndefined();
    expect(shortcutOf(press('m', { repeat: true }), false)).toBeUndefined();
    expect(shortcutOf(press('m', { ctrlKey: true }), false)).toBeUndefined();
  });
});
