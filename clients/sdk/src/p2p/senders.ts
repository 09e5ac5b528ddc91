import type { OutgoingTrack } from '../media/local-media.ts';

interface Sent {
  outgoing: OutgoingTrack;
  sender: RTCRtpSender;
}

/** What is sent on one peer connection, by track id. Sections of the SDP are used again, so that it stays short. */
export class Senders {
  readonly #pc: RTCPeerConnection;
  readonly #sent = new Map<string, Sent>();
  readonly #used = new WeakSet<RTCRtpSender>();

  constructor(pc: RTCPeerConnection) {
    this.#pc = pc;
  }

  add(outgoing: OutgoingTrack): void {
    const { track, streams, trackId } = outgoing;
    const sender = this.#isReuseSafe(track.kind)
      ? this.#pc.addTrack(track, ...streams)
      : this.#pc.addTransceiver(track, { streams: [...streams] }).sender;
    this.#used.add(sender);
    this.#sent.set(trackId, { outgoing, sender });
  }

  async replace(trackId: string, track: MediaStreamTrack): Promise<void> {
    await this.#sent.get(trackId)?.sender.replaceTrack(track);
  }

  /** Stops or goes on sending (W3C webrtc-pc section 5.2.8, RTCRtpEncodingParameters.active). */
  async setActive(trackId: string, active: boolean): Promise<void> {
    const sender = this.#sent.get(trackId)?.sender;
    const parameters = sender?.getParameters();
    if (parameters === undefined || parameters.encodings.every((encoding) => encoding.active === active))
      return;
    for (const encoding of parameters.encodings) encoding.active = active;
    await sender?.setParameters(parameters);
  }

  /**
   * Where nothing comes back on the same transceiver it is stopped, so that the next track can have its section
   * (RFC 9429 section 5.2.2).
   */
  remove(trackId: string): void {
    const sender = this.#sent.get(trackId)?.sender;
    this.#sent.delete(trackId);
    const transceiver = sender === undefined ? undefined : this.#transceiverOf(sender);
    if (sender === undefined || transceiver === undefined) return;
    const receives =
      transceiver.currentDirection === 'sendrecv' || transceiver.currentDirection === 'recvonly';
    // Also before stopping: Chromium 156 refuses a track again as long as a stopped sender holds it.
    this.#pc.removeTrack(sender);
    if (!receives) transceiver.stop();
  }

  /** After a negotiation: `addTrack` may have taken a transceiver that the other side was about to stop. */
  restore(): void {
    for (const { outgoing, sender } of [...this.#sent.values()]) {
      const transceiver = this.#transceiverOf(sender);
      if (transceiver === undefined || transceiver.direction === 'stopped') this.add(outgoing);
    }
  }

  /**
   * `addTrack` takes a transceiver whose sender never sent: the room that an offer makes for our first tracks. But
   * Chromium 156 throws where that one is being stopped, and where it had other streams before, later offers name
   * those again.
   */
  #isReuseSafe(kind: string): boolean {
    return !this.#pc
      .getTransceivers()
      .some(
        ({ receiver, sender, direction }) =>
          receiver.track.kind === kind &&
          (direction === 'stopped' || (sender.track === null && this.#used.has(sender))),
      );
  }

  #transceiverOf(sender: RTCRtpSender): RTCRtpTransceiver | undefined {
    return this.#pc.getTransceivers().find((transceiver) => transceiver.sender === sender);
  }
}
