import type { CallView } from '@ringback/schemas';
import type { RemoteTrack } from '../types.ts';
import type { ReceiverStats } from './leg.ts';

export interface Arrival {
  participantId: string;
  track: MediaStreamTrack;
  /** What it may be published as: one of these is the track id. */
  ids: readonly string[];
  stream: MediaStream | undefined;
  stats: ReceiverStats;
}

export interface RemoteTracksHandlers {
  started(track: RemoteTrack, stats: ReceiverStats): void;
  ended(track: RemoteTrack): void;
}

/**
 * Matches media that arrives on one leg to tracks that were published. Either may come first: media by its
 * connection, the publication by the call's events. Why by stream id peer to peer: see OutgoingTrack.
 */
export class RemoteTracks {
  readonly #on: RemoteTracksHandlers;
  #arrivals: Arrival[] = [];
  #tracks: RemoteTrack[] = [];

  constructor(handlers: RemoteTracksHandlers) {
    this.#on = handlers;
  }

  /**
   * From an RTCTrackEvent. A receiver has one track for life; a new event for it names what it carries now. Those of
   * receivers that were stopped have ended: every screen that was shared would leave one.
   */
  arrived(arrival: Arrival): void {
    const others = this.#arrivals.filter(
      ({ track }) => track !== arrival.track && track.readyState !== 'ended',
    );
    this.#arrivals = [...others, arrival];
  }

  /** The peer connection is gone. */
  forget(participantId: string): void {
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.participantId !== participantId);
  }

  /** What carried it is gone. */
  gone(track: MediaStreamTrack): void {
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.track !== track);
  }

  /** To be called when either side changed. */
  update(view: CallView): void {
    const before = this.#tracks;
    const kept: RemoteTrack[] = [];
    const started: [RemoteTrack, ReceiverStats][] = [];
    for (const arrival of this.#arrivals) {
      const now = match(arrival, view);
      if (now === undefined) continue;
      const known = before.find((track) => isSame(track, now));
      kept.push(known ?? now);
      if (known === undefined) started.push([now, arrival.stats]);
    }
    this.#tracks = kept;
    for (const track of before) if (!kept.includes(track)) this.#on.ended(track);
    for (const [track, stats] of started) this.#on.started(track, stats);
  }

  close(): void {
    this.#arrivals = [];
    const before = this.#tracks;
    this.#tracks = [];
    for (const track of before) this.#on.ended(track);
  }
}

function match({ participantId, track, ids, stream }: Arrival, view: CallView): RemoteTrack | undefined {
  const published = view.participants[participantId]?.tracks ?? {};
  for (const trackId of ids) {
    const description = published[trackId];
    if (description !== undefined && stream !== undefined)
      return { participantId, trackId, source: description.source, track, stream };
  }
  return undefined;
}

function isSame(a: RemoteTrack, b: RemoteTrack): boolean {
  return a.participantId === b.participantId && a.trackId === b.trackId && a.track === b.track;
}
