import type { Call, RingbackError } from '@ringback/sdk';
import type { LocalMedia } from '../media/local-media.ts';
import type { DeviceKind } from '../media/problems.ts';

/**
 * Brings what is sent in line with what the person wants sent. Looks at both each time anew, one look after the
 * other, so that quick clicks end in the last one's wish.
 */
export class Publisher {
  readonly #call: Call;
  readonly #media: LocalMedia;
  readonly #onError: (error: RingbackError) => void;
  #running = false;
  #again = false;
  #stopped = false;

  constructor(call: Call, media: LocalMedia, onError: (error: RingbackError) => void) {
    this.#call = call;
    this.#media = media;
    this.#onError = onError;
  }

  /** The person leaves: what is turned off by that is no wish that the others need to hear of. */
  stop(): void {
    this.#stopped = true;
  }

  align(): void {
    if (this.#stopped) return;
    if (this.#running) this.#again = true;
    else void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      do {
        this.#again = false;
        // Both at once: one after the other would be two negotiations, and a picture that comes later.
        await Promise.all([this.#alignKind('microphone'), this.#alignKind('camera')]);
      } while (this.#again);
    } catch (error) {
      if (!this.#stopped) this.#onError(error as RingbackError);
    } finally {
      this.#running = false;
    }
  }

  async #alignKind(kind: DeviceKind): Promise<void> {
    if (this.#stopped) return;
    const track = this.#media[kind].peek();
    const on = this.#media.choices.peek()[kind] && track !== undefined;
    const sent = this.#call.localTracks.find((t) => t.source === kind);
    if (!sent) {
      if (on) await this.#call.publishTrack(track, kind);
      return;
    }
    if (track && sent.track !== track) await this.#call.replaceTrack(sent.trackId, track);
    if (sent.muted === on) await this.#call.setMuted(kind, !on);
  }
}
