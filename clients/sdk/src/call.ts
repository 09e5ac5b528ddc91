import type {
  CallEvent,
  CallView,
  ClientCommandType,
  ClientMessage,
  CommandMessage,
  ParticipantView,
  TrackSource,
} from '@ringback/schemas';
import { makeCertificate, type PageCertificate } from './call-server/certificate.ts';
import { capabilities } from './capabilities.ts';
import { changesBetween } from './changes.ts';
import type { CommandDataOf } from './client.ts';
import { Emitter, type Listenable } from './emitter.ts';
import { RingbackError } from './errors.ts';
import type { Link } from './link.ts';
import { sdkLimits } from './limits.ts';
import { Media } from './media/media.ts';
import { callRouteOf } from './media/route.ts';
import { Membership } from './membership.ts';
import { isNegotiation } from './negotiation.ts';
import { CallTimeline, type TimelineOptions } from './timeline/call-timeline.ts';
import type {
  CallEnd,
  CallEvents,
  CallRoute,
  CallStatus,
  CommandResult,
  JoinOptions,
  LocalTrack,
  PeerQuality,
  RemoteTrack,
  Tile,
} from './types.ts';

/**
 * A call one is in: its state, folded from its events; commands; and where there is WebRTC, media with everybody
 * in it, peer to peer or through a Call Server: that is the platform's choice, and changes without a gap. Made by `client.join`. Comes back by itself after a lost socket, without missing an event;
 * media goes on meanwhile.
 */
export class Call implements Listenable<CallEvents> {
  /** `<partition>-<UUIDv7>`, as in its link. */
  readonly callId: string;
  /** Who one is in this call: the same after a reconnect, and after a reload where the page keeps it. A UUID. */
  readonly participantId: string;
  /** This page load or process. A UUID. */
  readonly instanceId: string;
  /** Resolves when joined, with `state` there; rejects with the RingbackError where joining was refused. */
  readonly ready: Promise<void>;
  readonly #link: Link;
  readonly #emitter = new Emitter<CallEvents>();
  readonly #membership: Membership;
  readonly #media: Media | undefined;
  readonly #settleReady = Promise.withResolvers<void>();
  #shown: CallView | undefined;
  #route = callRouteOf(undefined, undefined);
  #status: CallStatus = 'joining';

  /** @internal Use `client.join`. */
  constructor(link: Link, callId: string, options: JoinOptions) {
    this.#link = link;
    this.callId = callId;
    this.participantId = options.participantId ?? link.ports.uuid();
    this.instanceId = options.instanceId ?? link.ports.uuid();
    this.ready = this.#settleReady.promise;
    // `ended` tells it as well: nobody has to look at both.
    this.ready.catch(() => {});
    // Made early: the join tells its fingerprints.
    const certificate = makeCertificate(link.ports);
    void certificate?.then((made) => {
      if (made === undefined && this.#status !== 'ended') this.#emitter.emit('warning', noCertificate());
    });
    this.#media = this.#makeMedia(certificate);
    this.#membership = this.#makeMembership(options, certificate);
    try {
      this.#membership.start();
    } catch (error) {
      this.#media?.close();
      throw error;
    }
  }

  /** Changes come as `status`. */
  get status(): CallStatus {
    return this.#status;
  }

  /** The call as its events make it; undefined until the first snapshot. Never changed in place. */
  get state(): CallView | undefined {
    return this.#membership.view;
  }

  /** Oneself in it. */
  get me(): ParticipantView | undefined {
    return this.state?.participants[this.participantId];
  }

  /** Sequence of the last event that is in `state`. */
  get seq(): number {
    return this.#membership.seq;
  }

  /** What this client sends now. */
  get localTracks(): readonly LocalTrack[] {
    return this.#media?.local.tracks ?? [];
  }

  /** What is to be shown of the others now; during a switch that of the old route until the new one's is shown. */
  get remoteTracks(): readonly RemoteTrack[] {
    return this.#media?.remoteTracks ?? [];
  }

  /** Which way the media takes; `route` brings it when it changes. */
  get route(): CallRoute {
    return callRouteOf(this.state, this.#media && this.participantId);
  }

  /** Calls `listener` for each such event, in order. Returns a function that stops it. */
  on<Name extends keyof CallEvents>(name: Name, listener: (payload: CallEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Leaves; media stops at once. Resolves when the platform knows, or after 2 s: then it notices by itself. */
  async leave(): Promise<void> {
    if (this.#status === 'ended') return;
    this.#media?.close();
    const leave = { type: 'call.leave', id: this.#link.ports.uuid(), callId: this.callId, data: {} } as const;
    const timeLimitMs = sdkLimits.leaveMsMax;
    await this.#link.request(leave, { life: 'resend', timeLimitMs }).catch(() => {});
    this.#finish({ reason: 'left' });
  }

  /** Lets nobody new in. Hosts only: else rejects with `not_host`. */
  lock(): Promise<CommandResult> {
    return this.command('call.lock', {});
  }

  /** Lets people in again. Hosts only: as `lock`. */
  unlock(): Promise<CommandResult> {
    return this.command('call.unlock', {});
  }

  /** Ends the call for everyone. Hosts only: else rejects with `not_host`. */
  end(): Promise<CommandResult> {
    return this.command('call.end', {});
  }

  /** Asks to speak. Raising a hand that is up changes nothing. */
  raiseHand(): Promise<CommandResult> {
    return this.command('call.raise-hand', {});
  }

  /** Takes one's own hand down, or as a host anybody's: else rejects with `not_host`. */
  lowerHand(participantId?: string): Promise<CommandResult> {
    return this.command('call.lower-hand', participantId === undefined ? {} : { participantId });
  }

  /**
   * Mutes somebody; only they themselves can unmute it. Hosts only. Does nothing where they do not publish that source,
   * or muted it themselves.
   *
   * @throws RingbackError `not_host`, `target_is_host`, `participant_unknown`.
   */
  async muteParticipant(participantId: string, source: TrackSource): Promise<void> {
    const tracks = Object.values(this.state?.participants[participantId]?.tracks ?? {});
    const track = tracks.find((t) => t.source === source && !t.muted);
    if (track === undefined) return;
    await this.command('call.mute-participant', { participantId, trackId: track.trackId });
  }

  /** Removes somebody, who can not join this call again. Hosts only: as `muteParticipant`. */
  remove(participantId: string): Promise<CommandResult> {
    return this.command('call.remove', { participantId });
  }

  /**
   * Says how large each track of the others is shown, by `participantId/trackId`, so that no more of it comes than can
   * be seen. Call it whenever that changes: it goes out at most twice a second. What was named once and is not any more
   * is not shown, and does not come; what was never named comes as large as it is. Means nothing peer to peer.
   */
  setTiles(tiles: Readonly<Record<string, Tile>>): void {
    this.#media?.setTiles(tiles);
  }

  /**
   * Says that the page has this track on its screen (hidden, where it is arriving), so that it is swapped now:
   * `track-swapped` comes at once. Call it after the second `requestVideoFrameCallback` of its element.
   */
  trackShown(track: Pick<RemoteTrack, 'track'>): void {
    this.#media?.trackShown(track);
  }

  /**
   * Sends a track to everybody in the call, and to all who join later. One track a source; a second one for the
   * same source rejects with `track_exists`: use `replaceTrack`. The track stays the app's: it is never stopped
   * here. When it ends by itself (a screen share stopped in the browser's own bar), it is unpublished.
   *
   * @returns The track id that others see: not `track.id`, and the same after `replaceTrack`.
   * @throws RingbackError the refusal, or `unsupported` without WebRTC.
   */
  async publishTrack(track: MediaStreamTrack, source: TrackSource): Promise<string> {
    return this.#mustHaveMedia().local.publish(track, source);
  }

  /**
   * Stops sending a track, by the id that `publishTrack` gave.
   *
   * @throws RingbackError the refusal, `track_unknown` where there is no such track.
   */
  async unpublishTrack(trackId: string): Promise<void> {
    await this.#mustHaveMedia().local.unpublish(trackId);
  }

  /**
   * Sends other media in place of a published track (another camera), without the others having to do anything.
   *
   * @throws RingbackError `track_unknown` where there is no such track, `invalid` where it is of the other kind.
   */
  async replaceTrack(trackId: string, track: MediaStreamTrack): Promise<void> {
    await this.#mustHaveMedia().local.replace(trackId, track);
  }

  /**
   * Makes one's own track silent or dark (`track.enabled`), and says so to all.
   *
   * @throws RingbackError the refusal, `track_unknown` where there is no such track.
   */
  async mute(trackId: string): Promise<void> {
    await this.#mustHaveMedia().local.setMuted(trackId, true);
  }

  /** Undoes `mute`, one's own or a host's. Errors as there. */
  async unmute(trackId: string): Promise<void> {
    await this.#mustHaveMedia().local.setMuted(trackId, false);
  }

  /** As `mute` and `unmute`, by source. Does nothing where that source is not published. */
  async setMuted(source: TrackSource, muted: boolean): Promise<void> {
    const trackId = this.localTracks.find((t) => t.source === source)?.trackId;
    if (trackId !== undefined) await this.#mustHaveMedia().local.setMuted(trackId, muted);
  }

  /** The last quality of the connection to each of the others, measured every 2 s; `quality` brings it when it is new. */
  stats(): readonly PeerQuality[] {
    return this.#media?.quality ?? [];
  }

  /**
   * What happened in this call, for everybody, and how it was at any instant: also after it ended. Nothing is read
   * before it is asked for.
   */
  timeline(options: TimelineOptions = {}): CallTimeline {
    const { reads, ports } = this.#link;
    const listen = (ring: () => void) => this.on('event', ring);
    return new CallTimeline(this.callId, { ...options, reads, clock: ports.clock, listen });
  }

  /**
   * As `client.command`, for this call. Held back while the call is not joined, at most 30 s; `signal` takes it back.
   *
   * @throws RingbackError as there, or `call_ended`.
   */
  command<T extends ClientCommandType>(
    type: T,
    data: CommandDataOf<T>,
    options: { signal?: AbortSignal } = {},
  ): Promise<CommandResult> {
    if (this.#status === 'ended') return Promise.reject(over());
    const message = { type, id: this.#link.ports.uuid(), callId: this.callId, data } as CommandMessage;
    return this.#link.request(message, { life: 'resend', signal: options.signal });
  }

  #mustHaveMedia(): Media {
    if (this.#media === undefined) throw new RingbackError('unsupported', 'There is no WebRTC here.');
    if (this.#status === 'ended') throw over();
    return this.#media;
  }

  #makeMedia(certificate: Promise<PageCertificate | undefined> | undefined): Media | undefined {
    const { ports } = this.#link;
    if (ports.RTCPeerConnection === undefined) return undefined;
    const { participantId, instanceId, callId } = this;
    const signal = (message: Signal) => {
      const options = { life: 'session', timeLimitMs: sdkLimits.signalMsMax } as const;
      // The next one says it better.
      this.#link.request({ ...message, id: ports.uuid(), callId }, options).catch(() => {});
    };
    return new Media({
      ports,
      participantId,
      instanceId,
      certificate,
      command: (type, data, abort) => this.command(type, data, abort === undefined ? {} : { signal: abort }),
      sendTiles: (tiles) => signal({ type: 'tiles', tiles }),
      sendReport: (report) => signal({ type: 'report', report }),
      getIceServers: () => this.#link.getIceServers(),
      emit: (name, payload) => this.#emitter.emit(name, payload),
    });
  }

  #makeMembership(
    options: JoinOptions,
    certificate: Promise<PageCertificate | undefined> | undefined,
  ): Membership {
    const { participantId, instanceId } = this;
    const { displayName, peerToPeer } = options;
    const known = options.capabilities ?? capabilities();
    const join = {
      participantId,
      instanceId,
      displayName,
      capabilities: peerToPeer === undefined ? known : { ...known, version: 2 as const, peerToPeer },
    };
    const rest = certificate?.then((made) => (made === undefined ? {} : { fingerprints: made.fingerprints }));
    return new Membership(this.#link, this.callId, join, rest, {
      connected: (session) => {
        const { tokenAtMs, connectedAtMs } = this.#link.sessionTimes;
        if (this.#status === 'joining') {
          this.#media?.marks.mark('token', tokenAtMs);
          this.#media?.marks.mark('socket', connectedAtMs);
        }
        this.#media?.setIceServers(session.iceServers);
        this.#media?.preload();
      },
      joined: () => {
        this.#setStatus('joined');
        this.#media?.marks.mark('joined');
        this.#media?.setOnline(true);
        this.#settleReady.resolve();
      },
      lost: () => {
        this.#media?.setOnline(false);
        if (this.#status === 'joined') this.#setStatus('rejoining');
      },
      changed: (view, event) => this.#show(view, event),
      over: (end) => this.#finish(end),
    });
  }

  #show(view: CallView, event: CallEvent | undefined): void {
    const before = this.#shown;
    this.#shown = view;
    if (event !== undefined) this.#emitter.emit('event', event);
    // Negotiation changes nothing that is shown, and there are dozens of candidates.
    if (event === undefined || !isNegotiation(event)) this.#emitter.emit('state', view);
    for (const { name, payload } of changesBetween(before, view)) this.#emitter.emit(name, payload);
    this.#tellRoute();
    this.#media?.update(view, event);
  }

  #tellRoute(): void {
    const before = this.#route;
    const now = this.route;
    this.#route = now;
    if (now.epoch !== before.epoch || now.switching !== before.switching) this.#emitter.emit('route', now);
  }

  #setStatus(status: CallStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#emitter.emit('status', status);
  }

  #finish(end: CallEnd): void {
    if (this.#status === 'ended') return;
    this.#media?.close();
    this.#setStatus('ended');
    const error = end.error ?? over();
    // When the call itself ended, replies are still on their way: that to `end()` among them.
    this.#membership.stop(end.reason === this.state?.endReason ? undefined : error);
    this.#settleReady.reject(error);
    this.#emitter.emit('ended', end);
  }
}

const noCertificate = () =>
  new RingbackError(
    'unsupported',
    'This browser made no certificate for the Call Server: you can take part only in calls that do without one.',
  );

const over = () => new RingbackError('call_ended', 'This call is over for this client.');

/** Tells the platform beside the log. */
type Signal =
  | Omit<Extract<ClientMessage, { type: 'tiles' }>, 'id' | 'callId'>
  | Omit<Extract<ClientMessage, { type: 'report' }>, 'id' | 'callId'>;
