import type { CallView } from '@ringback/schemas';
import type { RemoteTrack } from '../types.ts';

interface Arrival {
  participantId: string;
  track: MediaStreamTrack;
  streams: readonly MediaStream[];
}

/**
 * Matches media that arrives to tracks that were published. Either may come first: media by its peer connection,
 * the publication by the call's events. Why by stream id: see OutgoingTrack.
 */
export class RemoteTracks {
  readonly #started: (track: RemoteTrack) => void;
  readonly #ended: (track: RemoteTrack) => void;
  #arrivals: Arrival[] = [];
  #tracks: RemoteTrack[] = [];

  constructor(started: (track: RemoteTrack) => void, ended: (track: RemoteTrack) => void) {
    this.#started = started;
    this.#ended = ended;
  }

  get tracks(): readonly RemoteTrack[] {
    return this.#tracks;
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

  /** To be called when either side changed. */
  update(view: CallView): void {
    const now = this.#arrivals.flatMap((arrival) => match(arrival, view) ?? []);
    const before = this.#tracks;
    const kept = now.map((track) => before.find((known) => isSame(known, track)) ?? track);
    this.#tracks = kept;
    for (const track of before) if (!kept.includes(track)) this.#ended(track);
    for (const track of kept) if (!before.includes(track)) this.#started(track);
  }

  close(): void {
    this.#arrivals = [];
    const before = this.#tracks;
    this.#tracks = [];
    for (const track of before) this.#ended(track);
  }
}

function match({ participantId, track, streams }: Arrival, view: CallView): RemoteTrack | undefined {
  const published = view.participants[participantId]?.tracks ?? {};
  for (const { id } of streams) {
    const description = published[id];
    // `streams` is not empty here.
    if (description !== undefined)
      return { participantId, trackId: id, source: description.source, track, stream: streams[0]! };
  }
  return undefined;
}

function isSame(a: RemoteTrack, b: RemoteTrack): boolean {
  return a.participantId === b.participantId && a.trackId === b.trackId && a.track === b.track;
}
