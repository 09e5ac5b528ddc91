import { batch, signal } from '@preact/signals';
import { levelMs, openLevel, speakingFrom, type Level } from '../media/level.ts';
import { forget, hear, noSpeaker, type SpeakerState } from './active-speaker.ts';
import { callLimits } from './limits.ts';
import type { HeardAt } from './page-order.ts';

interface Ear {
  track: MediaStreamTrack;
  level: Level;
}

const self = 'self';

/** Who speaks: everybody whose sound arrives, whether their tile is on the page or not, and oneself. */
export class Speaking {
  /** Participant ids of the others who speak now. */
  readonly others = signal<ReadonlySet<string>>(new Set());
  /** Who of the others has the floor, also in the silence after they spoke. */
  readonly active = signal<string | undefined>(undefined);
  /** Oneself, muted or not. */
  readonly self = signal(false);
  /** Speaks, and nobody hears it. */
  readonly unheard = signal(false);
  readonly #heardAt = new Map<string, number>();
  readonly #ears = new Map<string, Ear>();
  #others: SpeakerState = noSpeaker;
  #own: SpeakerState = noSpeaker;
  #muted = true;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** When each of the others was last heard; for the order of tiles. */
  get heardAt(): HeardAt {
    return this.#heardAt;
  }

  /**
   * @param voices sound to listen to, by participant id
   * @param own the own microphone, as it hears also while `muted`
   */
  follow(
    voices: ReadonlyMap<string, MediaStreamTrack>,
    own: MediaStreamTrack | undefined,
    muted: boolean,
  ): void {
    this.#muted = muted;
    const wanted = new Map(own === undefined ? voices : [...voices, [self, own] as const]);
    for (const [id, { track, level }] of this.#ears) {
      if (wanted.get(id) === track) continue;
      level.close();
      this.#ears.delete(id);
    }
    for (const [id, track] of wanted)
      if (!this.#ears.has(id)) this.#ears.set(id, { track, level: openLevel(track) });
    this.#timer ??= setInterval(() => this.#listen(), levelMs);
  }

  /** Who is in the call: others are forgotten. */
  keep(present: ReadonlySet<string>): void {
    for (const id of this.#heardAt.keys()) if (!present.has(id)) this.#heardAt.delete(id);
    this.#others = forget(this.#others, present);
    this.active.value = this.#others.active;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { level } of this.#ears.values()) level.close();
    this.#ears.clear();
  }

  #listen(): void {
    const now = performance.now();
    const loud = new Set<string>();
    for (const [id, { level }] of this.#ears) if (level.read() >= speakingFrom) loud.add(id);
    this.#own = hear(this.#own, new Set(loud.has(self) ? [self] : []), now);
    loud.delete(self);
    this.#others = hear(this.#others, loud, now);
    for (const id of loud) this.#heardAt.set(id, now);
    batch(() => {
      const speaking = new Set(this.#others.speech.keys());
      if (!isSame(speaking, this.others.peek())) this.others.value = speaking;
      this.active.value = this.#others.active;
      const own = this.#own.speech.get(self);
      this.self.value = own !== undefined;
      this.unheard.value = this.#muted && own !== undefined && now - own.since >= callLimits.mutedSpeechMs;
    });
  }
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((id) => b.has(id));
}
