import type { Signal } from '@preact/signals';
import { RingbackError, type Call, type LocalTrack } from '@ringback/sdk';

/** Showing one's screen, with its sound where the browser gives it. */
export class ScreenShare {
  readonly #call: () => Call | undefined;
  readonly #local: Signal<readonly LocalTrack[]>;
  readonly #onError: (error: RingbackError) => void;
  #choosing = false;

  constructor(
    call: () => Call | undefined,
    local: Signal<readonly LocalTrack[]>,
    onError: (error: RingbackError) => void,
  ) {
    this.#call = call;
    this.#local = local;
    this.#onError = onError;
  }

  get on(): boolean {
    return this.#local.value.some((t) => t.source === 'screen');
  }

  toggle = (): void => {
    if (this.on) this.stop();
    else if (!this.#choosing) void this.#start();
  };

  stop(): void {
    for (const { source, track, trackId } of this.#local.peek()) {
      if (source !== 'screen' && source !== 'screen-audio') continue;
      track.stop();
      // The call may be over already; then there is nothing to take back.
      this.#call()
        ?.unpublishTrack(trackId)
        .catch(() => undefined);
    }
  }

  async #start(): Promise<void> {
    this.#choosing = true;
    const stream = await choose();
    this.#choosing = false;
    const call = this.#call();
    const [video] = stream?.getVideoTracks() ?? [];
    const [audio] = stream?.getAudioTracks() ?? [];
    try {
      // The call may have ended while the person chose: then nothing must go on being captured.
      if (!call) throw new RingbackError('call_ended', 'This call is over.');
      if (video) await call.publishTrack(video, 'screen');
      if (audio) await call.publishTrack(audio, 'screen-audio');
    } catch (error) {
      this.stop();
      for (const track of stream?.getTracks() ?? []) track.stop();
      this.#onError(error as RingbackError);
    }
  }
}

/** Nothing where the person closed the browser's chooser: that is an answer. */
async function choose(): Promise<MediaStream | undefined> {
  try {
    return await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 30 } }, audio: true });
  } catch {
    return undefined;
  }
}
