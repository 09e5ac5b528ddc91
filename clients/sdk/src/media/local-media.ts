import type { CallEvent, ParticipantView, TrackDescription, TrackSource } from '@ringback/schemas';
import { RingbackError } from '../errors.ts';
import type { LocalTrack } from '../types.ts';
import type { SendCommand } from './leg.ts';

/** A track on its way out, on every leg. */
export interface OutgoingTrack {
  trackId: string;
  source: TrackSource;
  track: MediaStreamTrack;
  /**
   * What the receiver is told of it (`a=msid`, RFC 8830). First the stream that it shares with its companion:
   * browsers sync what has the same first stream. Then a stream of its own, whose id is the published track id.
   *
   * Stream ids are the one name that arrives the same everywhere. A receiver's `track.id` is its own by W3C
   * webrtc-pc (Firefox and Safari do differ), `mid` is known only after negotiation and differs from peer to peer,
   * and both change or stay at the wrong moments with `replaceTrack`.
   */
  streams: readonly [MediaStream, MediaStream];
}

interface Entry extends OutgoingTrack {
  muted: boolean;
  /** A command about it is on its way: the state of the call lags behind. */
  pending: number;
  /** The platform lists it as not muted though it is; that may change with what is on its way. */
  isCrossed: boolean;
  stopListening: () => void;
}

export interface LocalMediaHandlers {
  command: SendCommand;
  added(track: OutgoingTrack): void;
  replaced(trackId: string, track: MediaStreamTrack): void;
  removed(trackId: string): void;
  changed(tracks: readonly LocalTrack[]): void;
  failed(error: RingbackError): void;
}

/** What this client sends: at most one track a source. Keeps the platform's list of it true. */
export class LocalMedia {
  readonly #on: LocalMediaHandlers;
  readonly #entries = new Map<string, Entry>();
  /** Camera and microphone share one stream, screen and its sound another. */
  readonly #groups = { person: new MediaStream(), screen: new MediaStream() };

  constructor(handlers: LocalMediaHandlers) {
    this.#on = handlers;
  }

  get tracks(): readonly LocalTrack[] {
    return this.outgoing.map(({ trackId, source, track, muted }) => ({ trackId, source, track, muted }));
  }

  get outgoing(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  async publish(track: MediaStreamTrack, source: TrackSource): Promise<string> {
    if (this.outgoing.some((entry) => entry.source === source || entry.track === track))
      throw new RingbackError('track_exists', `This track or a ${source} track is published already.`);
    const entry = this.#makeEntry(track, source);
    this.#entries.set(entry.trackId, entry);
    // Before the reply: on every wire the announcement goes first, so nobody gets media they do not know.
    const announced = this.#announce(entry);
    this.#on.added(entry);
    this.#changed();
    try {
      await announced;
    } catch (error) {
      this.#forget(entry);
      throw error;
    }
    return entry.trackId;
  }

  async unpublish(trackId: string): Promise<void> {
    const entry = this.#find(trackId);
    this.#forget(entry);
    await this.#on.command('call.unpublish', { trackId });
  }

  async replace(trackId: string, track: MediaStreamTrack): Promise<void> {
    const entry = this.#find(trackId);
    if (entry.track.kind !== track.kind)
      throw new RingbackError('invalid', `A ${entry.track.kind} track can not become ${track.kind}.`);
    entry.stopListening();
    entry.track = track;
    track.enabled = !entry.muted;
    this.#listen(entry);
    this.#on.replaced(trackId, track);
    this.#changed();
  }

  async setMuted(trackId: string, muted: boolean): Promise<void> {
    const entry = this.#find(trackId);
    if (entry.muted === muted) return;
    entry.muted = muted;
    entry.isCrossed = false;
    entry.track.enabled = !muted;
    this.#changed();
    await this.#sendMuted(entry);
  }

  /**
   * The platform's word about one's own track: a host muted it, and all that is left is to be silent; or it was
   * unmuted, be it by what one sent before the host's word came. Then what holds here is said again.
   */
  listed({ type, data }: Extract<CallEvent, { type: 'call.track.muted' | 'call.track.unmuted' }>): void {
    const entry = this.#entries.get(data.trackId);
    if (entry === undefined) return;
    entry.isCrossed = type === 'call.track.unmuted' && entry.muted;
    if (type === 'call.track.muted' && data.by !== undefined) this.#mutedByHost(data.trackId);
    this.#uncross(entry);
  }

  #uncross(entry: Entry): void {
    if (!entry.isCrossed || !entry.muted || entry.pending > 0 || !this.#entries.has(entry.trackId)) return;
    entry.isCrossed = false;
    this.#sendMuted(entry).catch((error) => this.#on.failed(error));
  }

  #mutedByHost(trackId: string): void {
    const entry = this.#entries.get(trackId);
    if (entry === undefined || entry.muted) return;
    entry.muted = true;
    entry.track.enabled = false;
    this.#changed();
  }

  /**
   * Compares with what the platform lists for us, after every (re)join: a page that was away too long has left and
   * come back with nothing, and a page that was reloaded may find what it no longer has. Where one side says muted,
   * it is: a host may have done it while we were away.
   */
  reconcile(me: ParticipantView): void {
    const background = (sent: Promise<unknown>) => sent.catch((error) => this.#on.failed(error));
    for (const entry of this.#entries.values()) {
      if (entry.pending > 0) continue;
      const listed = me.tracks[entry.trackId];
      if (listed === undefined) void background(this.#announce(entry));
      else if (listed.muted) this.#mutedByHost(entry.trackId);
      else if (entry.muted) void background(this.#sendMuted(entry));
    }
    for (const trackId of Object.keys(me.tracks))
      if (!this.#entries.has(trackId)) void background(this.#on.command('call.unpublish', { trackId }));
  }

  close(): void {
    for (const entry of this.#entries.values()) entry.stopListening();
    this.#entries.clear();
  }

  #makeEntry(track: MediaStreamTrack, source: TrackSource): Entry {
    const group = source === 'camera' || source === 'microphone' ? this.#groups.person : this.#groups.screen;
    const own = new MediaStream();
    // Text on a shared screen must stay sharp rather than smooth (W3C mst-content-hint section 3).
    if (source === 'screen' && track.contentHint === '') track.contentHint = 'detail';
    const entry: Entry = {
      trackId: own.id,
      source,
      track,
      streams: [group, own],
      muted: !track.enabled,
      pending: 0,
      isCrossed: false,
      stopListening: () => {},
    };
    this.#listen(entry);
    return entry;
  }

  /** `ended` comes when the browser ends a track, not when the app stops it. */
  #listen(entry: Entry): void {
    const { track } = entry;
    const onEnded = () => void this.unpublish(entry.trackId).catch((error) => this.#on.failed(error));
    track.addEventListener('ended', onEnded);
    entry.stopListening = () => track.removeEventListener('ended', onEnded);
  }

  #announce(entry: Entry): Promise<void> {
    const { trackId, source, muted } = entry;
    const track: TrackDescription = { trackId, kind: kindOf(entry.track), source, muted };
    return this.#while(entry, this.#on.command('call.publish', { track }));
  }

  #sendMuted(entry: Entry): Promise<void> {
    const type = entry.muted ? 'call.mute' : 'call.unmute';
    return this.#while(entry, this.#on.command(type, { trackId: entry.trackId }));
  }

  async #while(entry: Entry, sent: Promise<unknown>): Promise<void> {
    entry.pending += 1;
    try {
      await sent;
    } finally {
      entry.pending -= 1;
      this.#uncross(entry);
    }
  }

  #find(trackId: string): Entry {
    const entry = this.#entries.get(trackId);
    if (entry === undefined) throw new RingbackError('track_unknown', 'You have no such track.');
    return entry;
  }

  #forget(entry: Entry): void {
    if (!this.#entries.delete(entry.trackId)) return;
    entry.stopListening();
    this.#on.removed(entry.trackId);
    this.#changed();
  }

  #changed(): void {
    this.#on.changed(this.tracks);
  }
}

function kindOf(track: MediaStreamTrack): 'audio' | 'video' {
  return track.kind === 'audio' ? 'audio' : 'video';
}
