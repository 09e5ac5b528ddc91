import { describe, expect, it } from 'vitest';
import { Received } from './received.ts';

function after(play: (received: Received) => void) {
  const received = new Received();
  received.snapshot(5);
  play(received);
  const { seq, missed, twice } = received;
  return { seq, missed, twice };
}

describe('what a person received', () => {
  it('is whole where every event follows the one before', () => {
    expect(
      after((r) => {
        r.event(6, 5);
        // 7 was for somebody else.
        r.event(8, 6);
        r.end(8);
      }),
    ).toEqual({ seq: 8, missed: 0, twice: 0 });
  });

  it('misses what is left out, at the end too', () => {
    expect(after((r) => r.event(9, 8))).toEqual({ seq: 9, missed: 3, twice: 0 });
    expect(after((r) => r.end(7))).toEqual({ seq: 5, missed: 2, twice: 0 });
  });

  it('misses what a snapshot stands in for', () => {
    expect(after((r) => r.snapshot(8))).toEqual({ seq: 8, missed: 3, twice: 0 });
    expect(after((r) => r.snapshot(4))).toEqual({ seq: 5, missed: 0, twice: 0 });
  });

  it('has twice what comes again, and what the first snapshot held', () => {
    expect(
      after((r) => {
        r.event(6, 5);
        r.event(6, 5);
        r.event(3, 2);
      }),
    ).toEqual({ seq: 6, missed: 0, twice: 2 });
  });
});
