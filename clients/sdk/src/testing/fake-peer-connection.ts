/** As much of WebRTC as negotiation needs: signalling states, rollback, negotiationneeded. No media. */

interface FakeSender {
  track: MediaStreamTrack | null;
  streams: string[];
  encodings: { active: boolean }[];
  replaceTrack(track: MediaStreamTrack | null): Promise<void>;
  getParameters(): { encodings: { active: boolean }[] };
  setParameters(parameters: { encodings: { active: boolean }[] }): Promise<void>;
}

interface FakeTransceiver {
  sender: FakeSender;
  receiver: { track: { kind: string } };
  direction: string;
  currentDirection: string | null;
  stop(): void;
}

export class FakeTrack extends EventTarget {
  readonly kind: 'audio' | 'video';
  enabled = true;
  contentHint = '';

  constructor(kind: 'audio' | 'video') {
    super();
    this.kind = kind;
  }
}

export const fakeTrack = (kind: 'audio' | 'video') => new FakeTrack(kind) as unknown as MediaStreamTrack;

let streams = 0;
export class FakeMediaStream {
  readonly id: string;
  readonly tracks = new Set<unknown>();

  addTrack(track: unknown): void {
    this.tracks.add(track);
  }

  removeTrack(track: unknown): void {
    this.tracks.delete(track);
  }

  constructor(id = `stream-${++streams}`) {
    this.id = id;
  }
}

export const fakeStream = (id: string) => new FakeMediaStream(id) as unknown as MediaStream;

let descriptions = 0;

export class FakePeerConnection {
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: RTCIceCandidateInit | null }) => void) | null = null;
  ontrack: ((event: { track: MediaStreamTrack; streams: MediaStream[] }) => void) | null = null;
  onsignalingstatechange: (() => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  signalingState = 'stable';
  connectionState = 'new';
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  readonly candidates: RTCIceCandidateInit[] = [];
  readonly transceivers: FakeTransceiver[] = [];
  stats: Record<string, unknown>[] = [];
  restarts = 0;
  configuration: RTCConfiguration;
  #changes = 0;
  #negotiated = 0;
  #offered = 0;

  constructor(configuration: RTCConfiguration) {
    this.configuration = configuration;
  }

  addTrack(track: MediaStreamTrack, ...streams: MediaStream[]): FakeSender {
    const free = this.transceivers.find(
      (t) => t.sender.track === null && t.receiver.track.kind === track.kind,
    );
    const transceiver = free ?? this.#addTransceiver(track.kind);
    transceiver.sender.track = track;
    transceiver.sender.streams = streams.map((s) => s.id);
    transceiver.direction = 'sendrecv';
    this.#change();
    return transceiver.sender;
  }

  addTransceiver(kind: string, { direction }: { direction: string }): void {
    this.#addTransceiver(kind).direction = direction;
    this.#change();
  }

  removeTrack(sender: FakeSender): void {
    sender.track = null;
    this.#change();
  }

  restartIce(): void {
    this.restarts += 1;
    this.#change();
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  getConfiguration(): RTCConfiguration {
    return this.configuration;
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }

  async getStats(): Promise<Map<string, unknown>> {
    return new Map(this.stats.map((entry) => [String(entry['id']), entry]));
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    if (type === 'offer') this.#offered = this.#changes;
    this.localDescription = { type, sdp: `v=0 ${type} ${++descriptions}` };
    this.#become(type === 'offer' ? 'have-local-offer' : 'stable');
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (description.type === 'answer' && this.signalingState !== 'have-local-offer')
      throw new DOMException('wrong state', 'InvalidStateError');
    await Promise.resolve();
    this.remoteDescription = description;
    if (description.type === 'answer') this.#negotiated = this.#offered;
    this.#become(description.type === 'offer' ? 'have-remote-offer' : 'stable');
  }

  async addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    this.candidates.push(candidate);
  }

  close(): void {
    this.connectionState = this.signalingState = 'closed';
  }

  /** The connection's state, as the browser would change it. */
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  #addTransceiver(kind: string): FakeTransceiver {
    const sender: FakeSender = {
      track: null,
      streams: [],
      encodings: [{ active: true }],
      replaceTrack: async (track) => void (sender.track = track),
      getParameters: () => ({ encodings: structuredClone(sender.encodings) }),
      setParameters: async ({ encodings }) => void (sender.encodings = encodings),
    };
    const transceiver: FakeTransceiver = {
      sender,
      receiver: { track: { kind } },
      direction: 'recvonly',
      currentDirection: null,
      stop: () => void (transceiver.direction = 'stopped'),
    };
    this.transceivers.push(transceiver);
    return transceiver;
  }

  #change(): void {
    this.#changes += 1;
    this.#checkNeed();
  }

  #become(state: string): void {
    this.signalingState = state;
    this.onsignalingstatechange?.();
    this.#checkNeed();
  }

  /** One event however many changes there were, and only in the stable state (W3C webrtc-pc section 4.7.3). */
  #checkNeed(): void {
    const changes = this.#changes;
    queueMicrotask(() => {
      if (this.signalingState === 'stable' && this.#changes === changes && changes > this.#negotiated)
        this.onnegotiationneeded?.();
    });
  }
}
