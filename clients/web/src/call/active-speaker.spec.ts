import { describe, expect, it } from 'vitest';
import { forget, hear, noSpeaker, type SpeakerState } from './active-speaker.ts';
import { callLimits } from './limits.ts';

const stepMs = 50;

/** Hears the same people for a while. */
function listen(state: SpeakerState, fromMs: number, forMs: number, ...loud: string[]): SpeakerState {
  let next = state;
  for (let at = fromMs; at <= fromMs + forMs; at += stepMs) next = hear(next, new Set(loud), at);
  return next;
}

describe('the active speaker', () => {
  it('is nobody for a cough', () => {
    expect(listen(noSpeaker, 0, callLimits.speakerSpeakMs - stepMs, 'a').active).toBeUndefined();
  });

  it('is who speaks, and still is in the silence after', () => {
    const spoken = listen(noSpeaker, 0, 1_000, 'a');
    expect(spoken.active).toBe('a');
    const silent = listen(spoken, 1_050, 60_000);
    expect([silent.active, silent.speech.size]).toEqual(['a', 0]);
  });

  it('keeps the floor through interjections and pauses between words', () => {
    let state = listen(noSpeaker, 0, 1_000, 'a');
    state = listen(state, 1_050, 400, 'b');
    expect(state.active).toBe('a');
    state = listen(state, 1_500, 1_000, 'a', 'b');
    expect(state.active).toBe('a');
  });

  it('gives it to who goes on when the other is silent', () => {
    const state = listen(noSpeaker, 0, 1_000, 'a');
    expect(listen(state, 1_050, 1_200, 'b').active).toBe('b');
  });

  it('lets nobody keep it by noise alone', () => {
    const noisy = listen(noSpeaker, 0, 10_000, 'fan');
    expect(listen(noisy, 10_050, callLimits.speakerOverMs + stepMs, 'fan', 'b').active).toBe('b');
  });

  it('is nobody once they left', () => {
    const state = listen(noSpeaker, 0, 1_000, 'a');
    expect(forget(state, new Set(['b']))).toEqual(noSpeaker);
    expect(forget(state, new Set(['a']))).toBe(state);
  });
});
