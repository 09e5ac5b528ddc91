import type { CallEvent } from '@ringback/schemas';
import { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import type { SendCommand } from '../media/leg.ts';
import type { OutgoingTrack } from '../media/local-media.ts';
import { Recovery } from '../media/recovery.ts';
import type { Ports, Timer } from '../ports.ts';
import { Senders } from './senders.ts';

export type NegotiationEvent = Extract<
  CallEvent,
  { type: 'call.offer.sent' | 'call.answer.sent' | 'call.candidate.sent' }
>;

export interface PeerOptions {
  ports: Ports;
  peerId: string;
  connectionId: string;
  /** In a collision of offers the polite side gives way. */
  polite: boolean;
  iceServers: RTCIceServer[];
  tracks: readonly OutgoingTrack[];
  command: SendCommand;
  onTrack(track: MediaStreamTrack, streams: readonly MediaStream[]): void;
  onState(state: RTCPeerConnectionState): void;
  /** There is a path to them. */
  onIce(): void;
  onFailure(error: RingbackError): void;
}

/**
 * One RTCPeerConnection with one other client instance, by perfect negotiation (W3C webrtc-pc section 10.7), with
 * three additions. The first offer is the impolite side's, for both know of each other at the same moment and would
 * collide every time. An offer without an answer is sent again, for either may get lost with a snapshot. Candidates
 * that overtake the description they belong to wait for it.
 */
export class Peer {
  readonly connectionId: string;
  readonly pc: RTCPeerConnection;
  readonly #options: PeerOptions;
  readonly #recovery: Recovery;
  readonly #senders: Senders;
  /** Takes back what is unsent when this connection is closed: its successor may have the same id. */
  readonly #closing = new AbortController();
  #makingOffer = false;
  #settingAnswer = false;
  /** A remote description was given to the browser, which from then on keeps candidates in order itself. */
  #described = false;
  #earlyCandidates: RTCIceCandidateInit[] = [];
  #offerHeldBack = false;
  #firstOfferTimer: Timer;
  #answerTimer: Timer;
  #present = true;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.connectionId = options.connectionId;
    const { clock, RTCPeerConnection: PeerConnection } = options.ports;
    this.pc = new PeerConnection!({ iceServers: options.iceServers, bundlePolicy: 'max-bundle' });
    this.#senders = new Senders(this.pc);
    this.#recovery = new Recovery(clock, options.polite, () => this.pc.restartIce());
    this.#listen();
    for (const track of options.tracks) this.addTrack(track);
    if (options.polite) {
      this.#firstOfferTimer = clock.setTimeout(() => this.#stopWaiting(), sdkLimits.firstOfferMsMax);
    } else this.#prepareToReceive();
  }

  addTrack(track: OutgoingTrack): void {
    this.#senders.add(track);
  }

  replaceTrack(trackId: string, track: MediaStreamTrack): void {
    this.#watch(this.#senders.replace(trackId, track));
  }

  removeTrack(trackId: string): void {
    this.#senders.remove(trackId);
  }

  /** Whether a track is sent at all; nothing is negotiated, and the track is left alone. */
  setActive(trackId: string, active: boolean): void {
    this.#watch(this.#senders.setActive(trackId, active));
  }

  /** Used for the next ICE restart; the candidates there are stay. */
  setIceServers(iceServers: RTCIceServer[]): void {
    this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers });
  }

  /** Whether the other side has a socket. */
  setPresent(present: boolean): void {
    this.#present = present;
    this.#recovery.setPresent(present);
  }

  networkChanged(): void {
    this.#recovery.networkChanged();
  }

  /** Takes what the other side sent; what was meant for an earlier connection is ignored. */
  receive(event: NegotiationEvent): void {
    if (event.data.connectionId !== this.connectionId || this.#isClosed()) return;
    switch (event.type) {
      case 'call.offer.sent':
        return this.#watch(this.#receiveOffer(event.data.sdp));
      case 'call.answer.sent':
        return this.#watch(this.#receiveAnswer(event.data.sdp));
      case 'call.candidate.sent':
        return this.#receiveCandidate(event.data.candidate);
      default:
        return event satisfies never;
    }
  }

  close(): void {
    const { clock } = this.#options.ports;
    clock.clearTimeout(this.#firstOfferTimer);
    clock.clearTimeout(this.#answerTimer);
    this.#recovery.close();
    this.#closing.abort();
    this.#ignoreAll();
    this.pc.close();
  }

  #listen(): void {
    const { pc } = this;
    pc.onnegotiationneeded = () => {
      // Held back while the polite side waits for the first offer, which will carry its tracks as well.
      if (this.#options.polite && this.#firstOfferTimer !== undefined) this.#offerHeldBack = true;
      else this.#watch(this.#makeOffer());
    };
    pc.onicecandidate = ({ candidate }) => this.#sendCandidate(candidate);
    pc.ontrack = ({ track, streams }) => this.#options.onTrack(track, streams);
    pc.onsignalingstatechange = () => {
      if (pc.signalingState === 'stable') this.#senders.restore();
    };
    pc.oniceconnectionstatechange = () => {
      if (pc.iceConnectionState === 'connected') this.#options.onIce();
    };
    pc.onconnectionstatechange = () => {
      this.#recovery.stateChanged(pc.connectionState);
      this.#options.onState(pc.connectionState);
    };
  }

  #ignoreAll(): void {
    const { pc } = this;
    pc.onnegotiationneeded = pc.onicecandidate = pc.ontrack = null;
    pc.onsignalingstatechange = pc.oniceconnectionstatechange = pc.onconnectionstatechange = null;
  }

  /**
   * The first offer has room for the other side's microphone and camera even before we send anything, so that one
   * offer and one answer are all it takes.
   */
  #prepareToReceive(): void {
    for (const kind of ['audio', 'video'])
      if (!this.pc.getTransceivers().some((t) => t.receiver.track.kind === kind))
        this.pc.addTransceiver(kind, { direction: 'recvonly' });
  }

  /** The other side's first offer is here, or did not come in time. */
  #stopWaiting(): void {
    this.#options.ports.clock.clearTimeout(this.#firstOfferTimer);
    this.#firstOfferTimer = undefined;
    if (this.#offerHeldBack && !this.#described) this.#watch(this.#makeOffer());
    this.#offerHeldBack = false;
  }

  async #makeOffer(): Promise<void> {
    try {
      this.#makingOffer = true;
      await this.pc.setLocalDescription();
      this.#sendDescription();
    } finally {
      this.#makingOffer = false;
    }
  }

  async #receiveOffer(sdp: string): Promise<void> {
    const { pc } = this;
    const ready = !this.#makingOffer && (pc.signalingState === 'stable' || this.#settingAnswer);
    if (!this.#options.polite && !ready) return;
    // Giving way takes our own offer back: no answer to it will come.
    this.#options.ports.clock.clearTimeout(this.#answerTimer);
    await this.#setRemote({ type: 'offer', sdp });
    await pc.setLocalDescription();
    this.#sendDescription();
  }

  async #receiveAnswer(sdp: string): Promise<void> {
    // A second answer, to an offer that was sent twice, or one to an offer that was taken back.
    if (this.pc.signalingState !== 'have-local-offer' || this.#settingAnswer) return;
    this.#options.ports.clock.clearTimeout(this.#answerTimer);
    try {
      this.#settingAnswer = true;
      await this.#setRemote({ type: 'answer', sdp });
    } finally {
      this.#settingAnswer = false;
    }
  }

  #setRemote(description: RTCSessionDescriptionInit): Promise<void> {
    const done = this.pc.setRemoteDescription(description);
    this.#described = true;
    this.#stopWaiting();
    const early = this.#earlyCandidates;
    this.#earlyCandidates = [];
    for (const candidate of early) this.#addCandidate(candidate);
    return done;
  }

  #receiveCandidate(candidate: RTCIceCandidateInit): void {
    if (this.#described) this.#addCandidate(candidate);
    else if (this.#earlyCandidates.length < sdkLimits.candidatesQueuedMax)
      this.#earlyCandidates.push(candidate);
  }

  /**
   * A candidate that can not be used is no failure: it may belong to an offer that was ignored or to ICE before a
   * restart, and browsers differ in whether they take the empty one.
   */
  #addCandidate(candidate: RTCIceCandidateInit): void {
    this.pc.addIceCandidate(candidate).catch(() => {});
  }

  #sendDescription(repeats = 0): void {
    const description = this.pc.localDescription;
    if (description === null || this.#isClosed()) return;
    if (description.type === 'offer') this.#awaitAnswer(repeats);
    this.#send(description.type === 'offer' ? 'call.offer' : 'call.answer', { sdp: description.sdp });
  }

  #awaitAnswer(repeats: number): void {
    const { clock } = this.#options.ports;
    clock.clearTimeout(this.#answerTimer);
    this.#answerTimer = clock.setTimeout(() => {
      if (this.pc.signalingState !== 'have-local-offer') return;
      // Nobody there to answer: what was sent is replayed to them when they are back.
      if (!this.#present) this.#awaitAnswer(repeats);
      else if (repeats < sdkLimits.offerRepeatsMax) this.#sendDescription(repeats + 1);
    }, sdkLimits.answerMsMax);
  }

  /** Null says that there are no more: an empty candidate (RFC 8838 section 8.2). */
  #sendCandidate(candidate: RTCIceCandidate | null): void {
    if (candidate?.candidate === '') return;
    const { sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = candidate ?? {};
    this.#send('call.candidate', {
      candidate: { candidate: candidate?.candidate ?? '', sdpMid, sdpMLineIndex, usernameFragment },
    });
  }

  #send(
    type: 'call.offer' | 'call.answer' | 'call.candidate',
    data: { sdp: string } | { candidate: RTCIceCandidateInit & { candidate: string } },
  ): void {
    const { peerId: to, connectionId, command } = this.#options;
    this.#watch(command(type, { to, connectionId, ...data } as never, this.#closing.signal));
  }

  /** Reports a failure, unless it comes of our own closing or of the other side's having left meanwhile. */
  #watch(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (this.#isClosed()) return;
      if (error instanceof RingbackError) {
        if (error.code !== 'peer_left' && error.code !== 'closed') this.#options.onFailure(error);
        return;
      }
      const message = 'The peer connection could not be negotiated.';
      this.#options.onFailure(new RingbackError('protocol', message, { cause: error }));
    });
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }
}
