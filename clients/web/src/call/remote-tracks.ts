import { batch, signal } from '@preact/signals';
import type { Call, RemoteTrack } from '@ringback/sdk';
import { probeSwap } from './probe.ts';

/** What arrives from the others, as signals. During a switch of the route the same track comes twice. */
export class RemoteTracks {
  /** What is to be seen and heard. */
  readonly current = signal<readonly RemoteTrack[]>([]);
  /** By the new route, unseen until it is known to flow. */
  readonly arriving = signal<readonly RemoteTrack[]>([]);
  #call: Call | undefined;

  /** Returns functions that stop it. */
  listen(call: Call): (() => void)[] {
    this.#call = call;
    const take = () =>
      batch(() => {
        const now = [...call.remoteTracks];
        this.current.value = now;
        this.#keepArriving(({ track }) => !now.some((n) => n.track === track));
      });
    return [
      call.on('remote-track', take),
      call.on('remote-track-ended', ({ track: ended }) => {
        take();
        this.#keepArriving(({ track }) => track !== ended);
      }),
      call.on('track-arriving', (track) => {
        this.arriving.value = [...this.arriving.value.filter((t) => t.track !== track.track), track];
      }),
      call.on('track-swapped', (track) => {
        probeSwap({ participantId: track.participantId, trackId: track.trackId, source: track.source });
        take();
      }),
      call.on('route', ({ switching }) => {
        if (!switching) this.#keepArriving(() => false);
      }),
      () => (this.#call = undefined),
    ];
  }

  /** A picture by the new route is on the screen, or would be if its tile were. */
  shown(track: RemoteTrack): void {
    this.#call?.trackShown(track);
  }

  #keepArriving(keep: (track: RemoteTrack) => boolean): void {
    const before = this.arriving.peek();
    const kept = before.filter(keep);
    if (kept.length < before.length) this.arriving.value = kept;
  }
}
