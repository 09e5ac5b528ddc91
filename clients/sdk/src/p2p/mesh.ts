import type { CallEvent, CallView, ClientCommandType, IceServer, ParticipantView } from '@ringback/schemas';
import type { CommandDataOf } from '../client.ts';
import type { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import type { Ports, Timer } from '../ports.ts';
import type { CallEvents, CandidatePair, IceServers, PeerQuality } from '../types.ts';
import { entriesOf, selectedPair } from './candidate-pair.ts';
import { IceServerKeeper } from './ice-servers.ts';
import { LocalMedia } from './local-media.ts';
import { Peer } from './peer.ts';
import { grade, QualityMeter } from './quality.ts';
import { RemoteTracks } from './remote-tracks.ts';

export type SendCommand = <T extends ClientCommandType>(
  type: T,
  data: CommandDataOf<T>,
  signal?: AbortSignal,
) => Promise<unknown>;

type MeshEventName =
  'remote-track' | 'remote-track-ended' | 'local-tracks' | 'connection' | 'quality' | 'warning';

export interface MeshOptions {
  ports: Ports;
  participantId: string;
  instanceId: string;
  command: SendCommand;
  getIceServers(): Promise<IceServers>;
  emit<Name extends MeshEventName>(name: Name, payload: CallEvents[Name]): void;
}

interface Member {
  peer: Peer;
  meter: QualityMeter;
  quality: PeerQuality | undefined;
}

/** Both sides work out the same: the two client instances, sorted. */
export function connectionIdOf(instanceId: string, otherInstanceId: string): string {
  return [instanceId, otherInstanceId].sort().join('~');
}

/**
 * Media peer to peer: one connection to each other person in the call. Which connections there should be follows
 * from the state of the call alone, so that a snapshot does as well as the events it stands for.
 */
export class Mesh {
  readonly local: LocalMedia;
  readonly remote: RemoteTracks;
  readonly #options: MeshOptions;
  readonly #iceServers: IceServerKeeper;
  readonly #members = new Map<string, Member>();
  readonly #stopNetwork: () => void;
  #view: CallView | undefined;
  #qualityTimer: Timer;
  #closed = false;

  constructor(options: MeshOptions) {
    this.#options = options;
    const { ports, emit } = options;
    this.remote = new RemoteTracks(
      (track) => emit('remote-track', track),
      (track) => emit('remote-track-ended', track),
    );
    this.local = this.#makeLocal();
    this.#iceServers = new IceServerKeeper(ports.clock, options.getIceServers, (servers) =>
      this.#eachPeer((peer) => peer.setIceServers(servers)),
    );
    this.#stopNetwork = ports.onNetworkChange(() => this.#eachPeer((peer) => peer.networkChanged()));
    this.#scheduleQuality();
  }

  get quality(): readonly PeerQuality[] {
    return [...this.#members.values()].flatMap(({ quality }) => quality ?? []);
  }

  setIceServers(servers: IceServer[]): void {
    this.#iceServers.set(servers);
  }

  /** Takes the call's new state; `event` is what led to it, absent for a snapshot. */
  update(view: CallView, event: CallEvent | undefined): void {
    if (this.#closed) return;
    const before = this.#view;
    this.#view = view;
    if (before?.participants !== view.participants) {
      this.#followPeople(view);
      this.remote.update(view);
    }
    const me = view.participants[this.#options.participantId];
    if (me !== undefined && isOwnArrival(event, me, this.#options.instanceId)) this.local.reconcile(me);
    if (event !== undefined) this.#negotiate(event);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.ports.clock.clearTimeout(this.#qualityTimer);
    this.#stopNetwork();
    this.#iceServers.close();
    this.local.close();
    for (const participantId of [...this.#members.keys()]) this.#drop(participantId);
    this.remote.close();
  }

  #makeLocal(): LocalMedia {
    const { command, emit } = this.#options;
    return new LocalMedia({
      command,
      added: (track) => this.#eachPeer((peer) => peer.addTrack(track)),
      replaced: (trackId, track) => this.#eachPeer((peer) => peer.replaceTrack(trackId, track)),
      removed: (trackId) => this.#eachPeer((peer) => peer.removeTrack(trackId)),
      changed: (tracks) => emit('local-tracks', tracks),
      failed: (error) => emit('warning', error),
    });
  }

  #followPeople(view: CallView): void {
    const { participantId: myId, instanceId } = this.#options;
    const me = view.participants[myId];
    const amIn = me !== undefined && me.presence !== 'left' && me.instanceId === instanceId;
    for (const person of Object.values(view.participants)) {
      if (person.participantId === myId) continue;
      const known = this.#members.get(person.participantId);
      const wanted =
        amIn && person.presence !== 'left' ? connectionIdOf(instanceId, person.instanceId) : undefined;
      // The same instance without a socket keeps its media: only its signalling is away.
      if (known !== undefined && known.peer.connectionId !== wanted) this.#drop(person.participantId);
      if (wanted !== undefined && person.presence === 'connected' && hasMedia(person))
        this.#meet(person.participantId, wanted);
      this.#members.get(person.participantId)?.peer.setPresent(person.presence === 'connected');
    }
  }

  #meet(peerId: string, connectionId: string): void {
    if (this.#members.has(peerId)) return;
    const { ports, command, emit, participantId } = this.#options;
    const peer: Peer = new Peer({
      ports,
      peerId,
      connectionId,
      polite: participantId > peerId,
      iceServers: this.#iceServers.servers,
      tracks: this.local.outgoing,
      command,
      onTrack: (track, streams) => {
        this.remote.arrived({ participantId: peerId, track, streams });
        if (this.#view !== undefined) this.remote.update(this.#view);
      },
      onState: (state) => void this.#report(peerId, peer, state),
      onFailure: (error: RingbackError) => emit('warning', error),
    });
    this.#members.set(peerId, { peer, meter: new QualityMeter(), quality: undefined });
  }

  #drop(participantId: string): void {
    this.#members.get(participantId)?.peer.close();
    this.#members.delete(participantId);
    this.remote.forget(participantId);
  }

  #negotiate(event: CallEvent): void {
    switch (event.type) {
      case 'call.offer.sent':
      case 'call.answer.sent':
      case 'call.candidate.sent':
        if (event.data.to === this.#options.participantId)
          this.#members.get(event.data.from)?.peer.receive(event);
        return;
      default:
      // Everything else is in the state.
    }
  }

  async #report(peerId: string, peer: Peer, state: RTCPeerConnectionState): Promise<void> {
    if (state === 'new' || state === 'closed') return;
    const pair = state === 'connected' ? await this.#pairOf(peer) : undefined;
    // Statistics take their time: by now it may be closed, or in another state that is reported by itself.
    if (this.#members.get(peerId)?.peer !== peer || peer.pc.connectionState !== state) return;
    const { connectionId } = peer;
    const report = { peerId, connectionId, state, ...(pair === undefined ? {} : { pair }) };
    this.#options.emit('connection', {
      participantId: peerId,
      state,
      ...(pair === undefined ? {} : { pair }),
    });
    await this.#options.command('call.connection', report).catch(() => {});
  }

  async #pairOf(peer: Peer): Promise<CandidatePair | undefined> {
    try {
      return selectedPair(entriesOf(await peer.pc.getStats()));
    } catch {
      return undefined;
    }
  }

  #scheduleQuality(): void {
    this.#qualityTimer = this.#options.ports.clock.setTimeout(() => {
      for (const [participantId, member] of this.#members) void this.#measure(participantId, member);
      this.#scheduleQuality();
    }, sdkLimits.qualityMs);
  }

  async #measure(participantId: string, member: Member): Promise<void> {
    try {
      const measures = await member.meter.measure(member.peer.pc, this.#options.ports.clock.now());
      if (this.#members.get(participantId) !== member) return;
      const { fractionLostThere: _, ...shown } = measures;
      member.quality = { participantId, ...grade(measures), ...shown };
      this.#options.emit('quality', member.quality);
    } catch {
      // Statistics of a connection that was closed just now.
    }
  }

  #eachPeer(run: (peer: Peer) => void): void {
    for (const { peer } of this.#members.values()) run(peer);
  }
}

/** Somebody who announced that they have no codecs at all follows the call without media, as a bot does. */
function hasMedia({ capabilities }: ParticipantView): boolean {
  return (
    capabilities === undefined || capabilities.audioCodecs.length > 0 || capabilities.videoCodecs.length > 0
  );
}

/** The moments at which the list of our tracks is known to be complete: a snapshot, and our own (re)join. */
function isOwnArrival(event: CallEvent | undefined, me: ParticipantView, instanceId: string): boolean {
  if (me.presence !== 'connected' || me.instanceId !== instanceId) return false;
  if (event === undefined) return true;
  const arrived = event.type === 'call.participant.joined' || event.type === 'call.participant.reconnected';
  return arrived && event.data.participantId === me.participantId;
}
