import { callLimits } from './limits.ts';

/** One stretch of speech: milliseconds of a steady clock. */
interface Speech {
  /** When it began. */
  since: number;
  /** The last moment it was loud. */
  lastLoud: number;
}

export interface SpeakerState {
  /** Who has the floor: the last one who spoke, also in silence. */
  active: string | undefined;
  speech: ReadonlyMap<string, Speech>;
}

export const noSpeaker: SpeakerState = { active: undefined, speech: new Map() };

/**
 * Who speaks, with hysteresis: whoever has the floor keeps it through pauses and short interjections.
 *
 * @param loud who is above the threshold of speech at this moment
 */
export function hear(state: SpeakerState, loud: ReadonlySet<string>, now: number): SpeakerState {
  const speech = new Map<string, Speech>();
  for (const [id, known] of state.speech)
    if (!loud.has(id) && now - known.lastLoud < callLimits.speechHoldMs) speech.set(id, known);
  for (const id of loud) {
    const known = state.speech.get(id);
    speech.set(id, { since: known?.since ?? now, lastLoud: now });
  }
  return { active: nextActive(state, speech, now), speech };
}

function nextActive(
  state: SpeakerState,
  speech: ReadonlyMap<string, Speech>,
  now: number,
): string | undefined {
  const { active } = state;
  const current = active === undefined ? undefined : speech.get(active);
  const [next] = [...speech]
    .filter(([id, { since }]) => {
      if (id === active) return false;
      if (current === undefined) return now - since >= callLimits.speakerSpeakMs;
      // Over somebody who goes on: only who began after them, or a noisy microphone would come back at once.
      return since > current.since && now - since >= callLimits.speakerOverMs;
    })
    .sort(([, a], [, b]) => b.since - a.since);
  return next?.[0] ?? active;
}

/** Who left has no floor. */
export function forget(state: SpeakerState, present: ReadonlySet<string>): SpeakerState {
  const gone = state.active !== undefined && !present.has(state.active);
  if (!gone && [...state.speech.keys()].every((id) => present.has(id))) return state;
  return {
    active: gone ? undefined : state.active,
    speech: new Map([...state.speech].filter(([id]) => present.has(id))),
  };
}
