import { fade, makeQuiet } from './fade.ts';
import { playSound } from './playback.ts';

/** Sound of one source of one person. During a switch of the route it comes twice, by two tracks. */
export interface Voice {
  /** The same for both. */
  id: string;
  track: MediaStreamTrack;
}

interface Player {
  id: string;
  element: HTMLAudioElement;
  state: 'waiting' | 'heard' | 'going';
  stopFade: () => void;
  forget: () => void;
}

/**
 * Plays everybody's sound, whoever's tile is on the page. Browsers keep it in step with the picture by the stream the
 * sender put both in, not by the element that plays it.
 */
export class AudioOut {
  readonly #fadeMs: number;
  readonly #players = new Map<MediaStreamTrack, Player>();
  #speakerId = '';

  constructor(fadeMs: number) {
    this.#fadeMs = fadeMs;
  }

  /**
   * @param heard what is to be heard now
   * @param arriving what plays unheard until it is among `heard`: then the two cross over
   */
  play(heard: readonly Voice[], arriving: readonly Voice[]): void {
    const wanted = new Set([...heard, ...arriving].map(({ track }) => track));
    const crossing = new Set(heard.map(({ id }) => id));
    for (const voice of arriving) if (!this.#players.has(voice.track)) this.#add(voice);
    for (const voice of heard) this.#hear(voice);
    for (const [track, player] of this.#players) {
      if (wanted.has(track)) continue;
      // Somebody who is gone is silent anyway; only the old one of two fades under the new one.
      if (player.state === 'waiting' || !crossing.has(player.id)) this.#remove(track, player);
      else if (player.state === 'heard') this.#fadeOut(track, player);
    }
  }

  /** `undefined`: the system's own speaker. */
  setSpeaker(speakerId: string | undefined): void {
    this.#speakerId = speakerId ?? '';
    for (const { element } of this.#players.values()) this.#route(element);
  }

  close(): void {
    for (const [track, player] of this.#players) this.#remove(track, player);
  }

  #hear(voice: Voice): void {
    const before = [...this.#players.values()].some(({ id, state }) => id === voice.id && state === 'heard');
    const player = this.#players.get(voice.track) ?? this.#add(voice);
    if (player.state === 'heard') return;
    player.state = 'heard';
    player.stopFade();
    player.stopFade = fade(player.element, 1, before ? this.#fadeMs : 0);
  }

  #add({ id, track }: Voice): Player {
    const element = new Audio();
    makeQuiet(element);
    element.srcObject = new MediaStream([track]);
    this.#route(element);
    const player: Player = {
      id,
      element,
      state: 'waiting',
      stopFade: () => {},
      forget: playSound(element),
    };
    this.#players.set(track, player);
    return player;
  }

  #fadeOut(track: MediaStreamTrack, player: Player): void {
    player.state = 'going';
    player.stopFade();
    player.stopFade = fade(player.element, 0, this.#fadeMs, () => this.#remove(track, player));
  }

  #remove(track: MediaStreamTrack, player: Player): void {
    player.stopFade();
    player.forget();
    player.element.srcObject = null;
    this.#players.delete(track);
  }

  #route(element: HTMLAudioElement): void {
    // One that went away this moment: the browser falls back to the system's own by itself.
    element.setSinkId?.(this.#speakerId).catch(() => undefined);
  }
}
