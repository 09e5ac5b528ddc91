import { connectionIdOf, hasMedia } from '@ringback/domain';
import type { CallEvent, CallView, IceServer, ParticipantView } from '@ringback/schemas';
import type { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import { entriesOf, kindOf, selectedPair } from '../media/candidate-pair.ts';
import type { Leg, LegMeasures, ReceiverStats, SendCommand } from '../media/leg.ts';
import type { OutgoingTrack } from '../media/local-media.ts';
import { QualityMeter, qualityOf, sampleOf, type Measures } from '../media/quality.ts';
import { RemoteTracks } from '../media/remote-tracks.ts';
import { epochsFor, isIn, routeOf } from '../media/route.ts';
import type { Ports, Timer } from '../ports.ts';
import type { CallEvents, CandidatePair, PeerQuality, RemoteTrack } from '../types.ts';
import { Peer } from './peer.ts';
import type { BandwidthDecision, UplinkSample } from './uplink.ts';

export interface MeshOptions {
  ports: Ports;
  participantId: string;
  instanceId: string;
  command: SendCommand;
  tracks(): readonly OutgoingTrack[];
  iceServers(): IceServer[];
  arrived(track: RemoteTrack, epoch: number, stats: ReceiverStats): void;
  ended(track: RemoteTrack): void;
  connectionChanged(): void;
  /** The first path and the first key exchange with anybody. */
  mark(name: 'ice' | 'dtls'): void;
  failed(error: RingbackError): void;
}

interface Member {
  peer: Peer;
  /** Of the route it was made for. */
  epoch: number;
  meter: QualityMeter;
  measures: Measures | undefined;
  /** The kind of the pair that was reported last. */
  reportedKind: string | undefined;
  /** Of its state, as it was told last. */
  report: CallEvents['connection'] | undefined;
  /** It was connected once. */
  isProven: boolean;
  goodbyeTimer: Timer;
}

/**
 * Media peer to peer: one connection to each other person in the call. Which connections there should be follows
 * from the state of the call alone, so that a snapshot does as well as the events it stands for. On a route through
 * the Call Server no connection is made, and those there are live on until both sides show the new route.
 */
export class Mesh implements Leg {
  readonly #options: MeshOptions;
  readonly #remote: RemoteTracks;
  readonly #members = new Map<string, Member>();
  #decision: BandwidthDecision = 'video';
  #view: CallView | undefined;

  constructor(options: MeshOptions) {
    this.#options = options;
    this.#remote = new RemoteTracks({
      started: (track, stats) =>
        options.arrived(track, this.#members.get(track.participantId)?.epoch ?? 0, stats),
      ended: (track) => options.ended(track),
    });
  }

  /** Takes the call's new state; `event` is what led to it, absent for a snapshot. */
  update(view: CallView, event: CallEvent | undefined): void {
    const before = this.#view;
    this.#view = view;
    if (before?.participants !== view.participants || before.route !== view.route) {
      this.#followPeople(view);
      this.#remote.update(view);
    }
    if (event !== undefined) this.#negotiate(event);
  }

  addTrack(track: OutgoingTrack): void {
    this.#eachPeer((peer) => {
      peer.addTrack(track);
      this.#applyDecision(peer);
    });
  }

  replaceTrack(trackId: string, track: MediaStreamTrack): void {
    this.#eachPeer((peer) => peer.replaceTrack(trackId, track));
  }

  removeTrack(trackId: string): void {
    this.#eachPeer((peer) => peer.removeTrack(trackId));
  }

  setIceServers(servers: IceServer[]): void {
    this.#eachPeer((peer) => peer.setIceServers(servers));
  }

  networkChanged(): void {
    this.#eachPeer((peer) => peer.networkChanged());
  }

  /** `audio-only`: stops sending the camera, without a word of negotiation and without touching its track. */
  setBandwidth(decision: BandwidthDecision): void {
    if (this.#decision === decision) return;
    this.#decision = decision;
    this.#eachPeer((peer) => this.#applyDecision(peer));
  }

  async measure(nowMs: number): Promise<LegMeasures> {
    await Promise.all([...this.#members].map(([peerId, member]) => this.#measure(peerId, member, nowMs)));
    const people: PeerQuality[] = [];
    const samples: LegMeasures['samples'] = [];
    for (const [participantId, { measures }] of this.#members) {
      if (measures === undefined) continue;
      people.push(qualityOf(participantId, measures));
      samples.push(sampleOf(participantId, measures));
    }
    return { people, samples };
  }

  connectionTo(participantId: string): CallEvents['connection'] | undefined {
    return this.#members.get(participantId)?.report;
  }

  /** Whether there is a connection to everybody of these whom one may be connected to. */
  isConnectedToAll(people: readonly ParticipantView[], me: ParticipantView): boolean {
    return people
      .filter((person) => person.presence === 'connected' && isDirect(person) && isDirect(me))
      .every((person) => this.#members.get(person.participantId)?.peer.pc.connectionState === 'connected');
  }

  /** Of the last measurement; undefined where nobody is connected. */
  uplink(): UplinkSample | undefined {
    const measures = [...this.#members.values()].flatMap((member) => member.measures ?? []);
    const connected = measures.filter(({ connectionState }) => connectionState === 'connected');
    if (connected.length === 0) return undefined;
    const estimates = connected.flatMap((m) => m.availableOutgoingBitrate ?? []);
    return {
      availableOutgoingBitrate: estimates.length === 0 ? undefined : Math.min(...estimates),
      fractionLost: Math.max(...connected.map((m) => m.fractionLostThere)),
    };
  }

  close(): void {
    for (const participantId of [...this.#members.keys()]) this.#drop(participantId);
    this.#remote.close();
  }

  #followPeople(view: CallView): void {
    const { participantId: myId, instanceId } = this.#options;
    const me = view.participants[myId];
    const [epoch] = epochsFor(view, 'p2p');
    const isOpen = routeOf(view).kind === 'p2p';
    for (const person of Object.values(view.participants)) {
      if (person.participantId === myId) continue;
      const known = this.#members.get(person.participantId);
      const mayMeet = isIn(me, instanceId) && person.presence !== 'left' && isDirect(me) && isDirect(person);
      const wanted = mayMeet ? connectionIdOf(instanceId, person.instanceId) : undefined;
      // The same instance without a socket keeps its media: only its signalling is away.
      if (known !== undefined && (known.peer.connectionId !== wanted || known.epoch !== epoch))
        this.#drop(person.participantId);
      if (isOpen && wanted !== undefined && person.presence === 'connected' && hasMedia(person))
        this.#meet(person.participantId, wanted, epoch ?? 0);
      this.#members.get(person.participantId)?.peer.setPresent(person.presence === 'connected');
      if (!isOpen) this.#letGo(view, person.participantId);
    }
  }

  /** On the way to the Call Server: what does not connect yet never will, and what both have left may go. */
  #letGo(view: CallView, peerId: string): void {
    const member = this.#members.get(peerId);
    if (member === undefined) return;
    if (!member.isProven || member.peer.pc.connectionState === 'failed') return this.#drop(peerId);
    const { epoch } = routeOf(view);
    const haveBothShown = [peerId, this.#options.participantId].every(
      (id) => view.participants[id]?.shownEpoch === epoch,
    );
    if (!haveBothShown) {
      // Another route since: this connection may be all there is.
      this.#options.ports.clock.clearTimeout(member.goodbyeTimer);
      member.goodbyeTimer = undefined;
      return;
    }
    member.goodbyeTimer ??= this.#options.ports.clock.setTimeout(() => {
      this.#drop(peerId);
      if (this.#view !== undefined) this.#remote.update(this.#view);
    }, sdkLimits.peerGoodbyeMs);
  }

  #meet(peerId: string, connectionId: string, epoch: number): void {
    if (this.#members.has(peerId)) return;
    const { ports, command, participantId } = this.#options;
    const peer: Peer = new Peer({
      ports,
      peerId,
      connectionId,
      polite: participantId > peerId,
      iceServers: this.#options.iceServers(),
      tracks: this.#options.tracks(),
      command,
      onTrack: (track, streams) => {
        const ids = streams.map(({ id }) => id);
        const stats = () => peer.pc.getStats(track);
        this.#remote.arrived({ participantId: peerId, track, ids, stream: streams[0], stats });
        if (this.#view !== undefined) this.#remote.update(this.#view);
      },
      onState: (state) => {
        if (state === 'connected') {
          member.isProven = true;
          this.#applyDecision(peer);
        }
        void this.#report(peerId, peer, state);
      },
      onIce: () => this.#options.mark('ice'),
      onFailure: (error: RingbackError) => this.#options.failed(error),
    });
    const member: Member = {
      peer,
      epoch,
      meter: new QualityMeter(),
      measures: undefined,
      reportedKind: undefined,
      report: undefined,
      isProven: false,
      goodbyeTimer: undefined,
    };
    this.#members.set(peerId, member);
  }

  #drop(participantId: string): void {
    const member = this.#members.get(participantId);
    if (member === undefined) return;
    this.#options.ports.clock.clearTimeout(member.goodbyeTimer);
    member.peer.close();
    this.#members.delete(participantId);
    this.#remote.forget(participantId);
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
    if (state === 'connected') {
      this.#options.mark('ice');
      this.#options.mark('dtls');
    }
    const pair = state === 'connected' ? await this.#pairOf(peer) : undefined;
    // Statistics take their time: by now it may be closed, or in another state that is reported by itself.
    const member = this.#members.get(peerId);
    if (member?.peer !== peer || peer.pc.connectionState !== state) return;
    if (state === 'connected') member.reportedKind = kindOf(pair);
    const { connectionId } = peer;
    const used = pair === undefined ? {} : { pair };
    member.report = { participantId: peerId, state, ...used };
    this.#options.connectionChanged();
    await this.#options.command('call.connection', { peerId, connectionId, state, ...used }).catch(() => {});
  }

  async #pairOf(peer: Peer): Promise<CandidatePair | undefined> {
    try {
      return selectedPair(entriesOf(await peer.pc.getStats()));
    } catch {
      return undefined;
    }
  }

  async #measure(peerId: string, member: Member, nowMs: number): Promise<void> {
    const { pc } = member.peer;
    try {
      member.measures = member.meter.measure(entriesOf(await pc.getStats()), pc.connectionState, nowMs);
      const { pair, connectionState } = member.measures;
      // ICE moves to a better pair, or to another when the one in use dies, without a change of state.
      const moved =
        member.reportedKind !== undefined && pair !== undefined && kindOf(pair) !== member.reportedKind;
      if (moved && connectionState === 'connected') void this.#report(peerId, member.peer, 'connected');
    } catch {
      // Statistics of a connection that was closed just now.
    }
  }

  #applyDecision(peer: Peer): void {
    for (const { trackId, source } of this.#options.tracks())
      if (source === 'camera') peer.setActive(trackId, this.#decision === 'video');
  }

  #eachPeer(run: (peer: Peer) => void): void {
    for (const { peer } of this.#members.values()) run(peer);
  }
}

/** Whoever may not be connected directly would have their address told by it. */
function isDirect({
  capabilities,
}: {
  capabilities?: { peerToPeer?: boolean | undefined } | undefined;
}): boolean {
  return capabilities?.peerToPeer !== false;
}
