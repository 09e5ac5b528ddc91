import { readFileSync } from 'node:fs';
import { uwsPackagedPath } from '@ringback/runtime/native-parts';
import { describe, expect, it } from 'vitest';
import { ElfPatchError, withOlderGlibc } from './elf-patch.ts';

const packaged = uwsPackagedPath();

describe.runIf(process.platform === 'linux' && process.arch === 'x64' && packaged !== undefined)(
  'the packaged uWebSockets.js',
  () => {
    const original = readFileSync(packaged ?? '');
    const patched = withOlderGlibc(original);

    it('asks for the three C23 names of strtol, and no longer after the patch', () => {
      expect(patched?.renamed.toSorted()).toEqual([
        '__isoc23_strtol',
        '__isoc23_strtoul',
        '__isoc23_strtoull',
      ]);
      expect(withOlderGlibc(patched?.bytes ?? Buffer.alloc(0))).toBeUndefined();
    });

    it('keeps its size and all but a few dozen bytes', () => {
      const bytes = patched?.bytes ?? Buffer.alloc(0);
      expect(bytes.length).toBe(original.length);
      const changed = original.filter((byte, at) => byte !== bytes[at]).length;
      expect(changed).toBeGreaterThan(0);
      expect(changed).toBeLessThan(40);
    });

    it('is left as it was', () => {
      expect(original.equals(readFileSync(packaged ?? ''))).toBe(true);
    });

    it('is refused when something else of 2.38 is asked for', () => {
      const other = Buffer.from(original);
      const at = other.indexOf('__isoc23_strtoull\0');
      other.write('__isoc23_scanf123', at, 'latin1');
      expect(() => withOlderGlibc(other)).toThrow(ElfPatchError);
    });
  },
);

describe('anything else', () => {
  it('is refused', () => {
    expect(() => withOlderGlibc(Buffer.from('#!/bin/sh\n'.repeat(20)))).toThrow(ElfPatchError);
  });
});
