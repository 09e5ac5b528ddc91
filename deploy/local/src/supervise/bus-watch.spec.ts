import { describe, expect, it } from 'vitest';
import { limits } from '../limits.ts';
import { BusWatch, type BusLook } from './bus-watch.ts';

const lots = limits.busFreeBytesMin;

function watch() {
  const said: string[] = [];
  const watching = new BusWatch((line) => said.push(line));
  let now = 0;
  const look = (isWell: BusLook['isWell'], more: Partial<BusLook> = {}, ms = limits.busSickMs) =>
    watching.look({ pid: 1, isWell, freeBytes: lots, now: (now += ms), ...more });
  return { said, look };
}

describe('the watch over nats-server', () => {
  it('starts it again once it could not write for long and there is room', () => {
    const { said, look } = watch();
    expect([look(true), look(false), look(false)]).toEqual([false, false, true]);
    expect(said).toEqual(['nats-server can not write, and 512 MiB are free on its disk: it starts again.']);
  });

  it('without room it says so once, and waits for room', () => {
    const { said, look } = watch();
    look(true);
    for (let n = 0; n < 5; n++) expect(look(false, { freeBytes: 1_000 })).toBe(false);
    expect(said).toEqual([expect.stringContaining('0 MiB are free on its disk. Calls stand still.')]);
    expect(look(false)).toBe(true);
  });

  it('a moment is nothing', () => {
    const { said, look } = watch();
    for (let n = 0; n < 5; n++) expect([look(true), look(false)]).toEqual([false, false]);
    expect(said).toEqual([]);
  });

  it('lets one that starts read its streams for as long as that takes', () => {
    const { look } = watch();
    for (let n = 0; n < 5; n++) expect(look(false)).toBe(false);
    look(true);
    look(false);
    // It died meanwhile and is another one.
    for (let n = 0; n < 5; n++) expect(look(false, { pid: 2 })).toBe(false);
  });

  it('one that does not answer at all is not ours to mend', () => {
    const { look } = watch();
    look(true);
    for (let n = 0; n < 5; n++) expect(look(undefined)).toBe(false);
  });

  it('is not started again and again where that does not help', () => {
    const { look } = watch();
    look(true);
    look(false);
    expect([look(false), look(false), look(false)]).toEqual([true, false, false]);
  });
});
