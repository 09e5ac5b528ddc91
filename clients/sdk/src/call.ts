import type {
  CallEvent,
  CallView,
  ClientCommandType,
  CommandMessage,
  ParticipantView,
  TrackSource,
} from '@ringback/schemas';
import { capabilities } from './capabilities.ts';
import { changesBetween } from './changes.ts';
import type { CommandDataOf } from './client.ts';
import { Emitter, type Listenable } from './emitter.ts';
import { RingbackError } from './errors.ts';
import type { Link } from './link.ts';
import { sdkLimits } from './limits.ts';
import { Membership } from './membership.ts';
import { Mesh } from './p2p/mesh.ts';
import type {
  CallEnd,
  CallEvents,
  CallStatus,
  CommandResult,
  JoinOptions,
  LocalTrack,
  PeerQuality,
  RemoteTrack,
} from './types.ts';

/**
 * A call one is in: its state, folded from its events; commands; and where there is WebRTC, media with everybody
 * in it, peer to peer. Made by `client.join`. Comes back by itself after a lost socket, without missing an event;
 * media goes on meanwhile.
 */
export class Call implements Listenable<CallEvents> {
  readonly callId: string;
  readonly participantId: string;
  readonly instanceId: string;
  /** Resolves when joined, with `state` there; rejects with the RingbackError where joining was refused. */
  readonly ready: Promise<void>;
  readonly #link: Link;
  readonly #emitter = new Emitter<CallEvents>();
  readonly #membership: Membership;
  readonly #mesh: Mesh | undefined;
  readonly #settleReady = Promise.withResolvers<void>();
  #shown: CallView | undefined;
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
    this.#mesh = this.#makeMesh();
    this.#membership = this.#makeMembership(options);
    try {
      this.#membership.start();
    } catch (error) {
      this.#mesh?.close();
      throw error;
    }
  }

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
    return this.#mesh?.local.tracks ?? [];
  }

  /** What arrives from the others now. */
  get remoteTracks(): readonly RemoteTrack[] {
    return this.#mesh?.remote.tracks ?? [];
  }

  on<Name extends keyof CallEvents>(name: Name, listener: (payload: CallEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Leaves; media stops at once. Resolves when the platform knows, or after 2 s: then it notices by itself. */
  async leave(): Promise<void> {
    if (this.#status === 'ended') return;
    this.#mesh?.close();
    const leave = { type: 'call.leave', id: this.#link.ports.uuid(), callId: this.callId, data: {} } as const;
    const timeLimitMs = sdkLimits.leaveMsMax;
    await this.#link.request(leave, { life: 'resend', timeLimitMs }).catch(() => {});
    this.#finish({ reason: 'left' });
  }

  /** Lets nobody new in. Hosts only: else rejects with `not_host`. */
  lock(): Promise<CommandResult> {
    return this.command('call.lock', {});
  }

  /** Lets people in again. Hosts only. */
  unlock(): Promise<CommandResult> {
    return this.command('call.unlock', {});
  }

  /** Ends the call for everyone. Hosts only. */
  end(): Promise<CommandResult> {
    return this.command('call.end', {});
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
    return this.#media().publish(track, source);
  }

  /** Stops sending a track. */
  async unpublishTrack(trackId: string): Promise<void> {
    await this.#media().unpublish(trackId);
  }

  /** Sends other media in place of a published track (another camera), without the others having to do anything. */
  async replaceTrack(trackId: string, track: MediaStreamTrack): Promise<void> {
    await this.#media().replace(trackId, track);
  }

  /** Makes one's own track silent or dark (`track.enabled`), and says so to all. */
  async mute(trackId: string): Promise<void> {
    await this.#media().setMuted(trackId, true);
  }

  async unmute(trackId: string): Promise<void> {
    await this.#media().setMuted(trackId, false);
  }

  /** As `mute` and `unmute`, by source. Does nothing where that source is not published. */
  async setMuted(source: TrackSource, muted: boolean): Promise<void> {
    const trackId = this.localTracks.find((t) => t.source === source)?.trackId;
    if (trackId !== undefined) await this.#media().setMuted(trackId, muted);
  }

  /** The last quality of each peer connection, measured every 2 s; `quality` brings it when it is new. */
  stats(): readonly PeerQuality[] {
    return this.#mesh?.quality ?? [];
  }

  /** As `client.command`, for this call. Held back while the call is not joined, at most 30 s. */
  command<T extends ClientCommandType>(
    type: T,
    data: CommandDataOf<T>,
    options: { signal?: AbortSignal } = {},
  ): Promise<CommandResult> {
    if (this.#status === 'ended') return Promise.reject(over());
    const message = { type, id: this.#link.ports.uuid(), callId: this.callId, data } as CommandMessage;
    return this.#link.request(message, { life: 'resend', signal: options.signal });
  }

  #media() {
    if (this.#mesh === undefined) throw new RingbackError('unsupported', 'There is no WebRTC here.');
    if (this.#status === 'ended') throw over();
    return this.#mesh.local;
  }

  #makeMesh(): Mesh | undefined {
    if (this.#link.ports.RTCPeerConnection === undefined) return undefined;
    return new Mesh({
      ports: this.#link.ports,
      participantId: this.participantId,
      instanceId: this.instanceId,
      command: (type, data, signal) => this.command(type, data, signal === undefined ? {} : { signal }),
      getIceServers: () => this.#link.getIceServers(),
      emit: (name, payload) => this.#emitter.emit(name, payload),
    });
  }

  #makeMembership(options: JoinOptions): Membership {
    const { participantId, instanceId } = this;
    const join = {
      participantId,
      instanceId,
      displayName: options.displayName,
      capabilities: options.capabilities ?? capabilities(),
    };
    return new Membership(this.#link, this.callId, join, {
      connected: (session) => this.#mesh?.setIceServers(session.iceServers),
      joined: () => {
        this.#setStatus('joined');
        this.#settleReady.resolve();
      },
      lost: () => {
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
    this.#mesh?.update(view, event);
  }

  #setStatus(status: CallStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#emitter.emit('status', status);
  }

  #finish(end: CallEnd): void {
    if (this.#status === 'ended') return;
    this.#mesh?.close();
    this.#setStatus('ended');
    const error = end.error ?? over();
    // When the call itself ended, replies are still on their way: that to `end()` among them.
    this.#membership.stop(end.reason === this.state?.endReason ? undefined : error);
    this.#settleReady.reject(error);
    this.#emitter.emit('ended', end);
  }
}

const over = () => new RingbackError('call_ended', 'This call is over for this client.');

function isNegotiation(event: CallEvent): boolean {
  return (
    event.type === 'call.offer.sent' ||
    event.type === 'call.answer.sent' ||
    event.type === 'call.candidate.sent'
  );
}
