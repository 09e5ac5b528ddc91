import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AudioOut } from './audio-out.ts';

class FakeAudio {
  static made: FakeAudio[] = [];
  volume = 1;
  muted = false;
  srcObject: { track: unknown } | null = null;
  sinkId = '';

  constructor() {
    FakeAudio.made.push(this);
  }

  async play(): Promise<void> {}

  async setSinkId(id: string): Promise<void> {
    this.sinkId = id;
  }
}

beforeEach(() => {
  FakeAudio.made = [];
  vi.useFakeTimers();
  vi.stubGlobal('Audio', FakeAudio);
  vi.stubGlobal(
    'MediaStream',
    class {
      readonly track: unknown;
      constructor([track]: unknown[]) {
        this.track = track;
      }
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const track = () => ({}) as MediaStreamTrack;
const sounding = () => FakeAudio.made.filter((a) => a.srcObject !== null).map((a) => a.volume);

describe('the sound of the others', () => {
  it('is heard as it comes', () => {
    new AudioOut(20).play([{ id: 'p/mic', track: track() }], []);
    vi.advanceTimersByTime(20);
    expect(sounding()).toEqual([1]);
  });

  it('crosses over from the old route to the new, which waited unheard', () => {
    const out = new AudioOut(20);
    const before = { id: 'p/mic', track: track() };
    const after = { id: 'p/mic', track: track() };
    out.play([before], []);
    vi.advanceTimersByTime(20);
    out.play([before], [after]);
    expect(sounding()).toEqual([1, 0]);
    out.play([after], []);
    vi.advanceTimersByTime(8);
    // Told again in between, as the page does at every change.
    out.play([after], []);
    expect(sounding()[0]).toBeCloseTo(0.6);
    expect(sounding()[1]).toBeCloseTo(0.4);
    vi.advanceTimersByTime(12);
    expect(sounding()).toEqual([1]);
  });

  it('ends at once with whoever leaves', () => {
    const out = new AudioOut(20);
    out.play([{ id: 'p/mic', track: track() }], []);
    out.play([], []);
    expect(sounding()).toEqual([]);
  });

  it('goes back to what was heard where the new route comes to nothing', () => {
    const out = new AudioOut(20);
    const before = { id: 'p/mic', track: track() };
    out.play([before], []);
    vi.advanceTimersByTime(20);
    out.play([before], [{ id: 'p/mic', track: track() }]);
    out.play([before], []);
    expect(sounding()).toEqual([1]);
  });

  it('comes from the chosen speaker, then and later', () => {
    const out = new AudioOut(20);
    const first = { id: 'p/mic', track: track() };
    out.play([first], []);
    out.setSpeaker('headset');
    out.play([first, { id: 'q/mic', track: track() }], []);
    expect(FakeAudio.made.map((a) => a.sinkId)).toEqual(['headset', 'headset']);
    out.setSpeaker(undefined);
    expect(FakeAudio.made.map((a) => a.sinkId)).toEqual(['', '']);
  });
});
