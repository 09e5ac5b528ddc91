import { batch, effect, signal } from '@preact/signals';
import type {
  RingbackError,
  Call,
  CallEnd,
  CallEvents,
  CallStatus,
  LocalTrack,
  PeerQuality,
} from '@ringback/sdk';
import type { CallEvent, CallView } from '@ringback/schemas';
import { AudioOut } from '../media/audio-out.ts';
import type { LocalMedia } from '../media/local-media.ts';
import type { DeviceKind } from '../media/problems.ts';
import { callsLetGo, keeper, leaveBehind, platform } from '../platform.ts';
import { announce } from '../ui/announcer.tsx';
import { callLimits } from './limits.ts';
import { PeopleActions, sends } from './people.ts';
import { Publisher } from './publisher.ts';
import { RemoteTracks } from './remote-tracks.ts';
import { ScreenShare } from './screen-share.ts';
import { Speaking } from './speaking.ts';
import { StageState, type TileSizes } from './stage-state.ts';

type ConnectionState = CallEvents['connection']['state'];

/** One stay in a call: the SDK's call as signals for the page, and what its buttons do. */
export class CallSession {
  readonly media: LocalMedia;
  readonly view = signal<CallView | undefined>(undefined);
  readonly status = signal<CallStatus>('joining');
  readonly end = signal<CallEnd | undefined>(undefined);
  readonly remote = new RemoteTracks();
  readonly local = signal<readonly LocalTrack[]>([]);
  /** By participant id; on a Call Server one's own is that of the uplink. */
  readonly quality = signal<ReadonlyMap<string, PeerQuality>>(new Map());
  readonly connections = signal<ReadonlyMap<string, ConnectionState>>(new Map());
  /** The platform can not be reached and is tried again. */
  readonly unreachable = signal(false);
  /** Something the person asked for did not work; shown for a while. */
  readonly failure = signal<string | undefined>(undefined);
  /** Something happened that the person did not ask for; shown for a while. */
  readonly notice = signal<string | undefined>(undefined);
  /** A device that was asked for in the call and did not come. */
  readonly deviceProblem = signal<DeviceKind | undefined>(undefined);
  readonly speaking = new Speaking();
  readonly stage = new StageState();
  readonly screen: ScreenShare;
  readonly people: PeopleActions;
  readonly participantId: string;
  readonly #callId: string;
  readonly #displayName: string;
  readonly #audio = new AudioOut(callLimits.crossFadeMs);
  readonly #cleanups: (() => void)[] = [];
  #call: Call | undefined;
  #publisher: Publisher | undefined;
  #left = false;

  constructor(options: { callId: string; participantId: string; displayName: string; media: LocalMedia }) {
    this.#callId = options.callId;
    this.participantId = options.participantId;
    this.#displayName = options.displayName;
    this.media = options.media;
    const call = () => this.#call;
    const failed = (error: RingbackError) => this.#failed(error);
    this.screen = new ScreenShare(call, this.local, failed);
    this.people = new PeopleActions(call, failed);
  }

  async start(): Promise<void> {
    void this.media.open();
    try {
      await this.#be();
      await callsLetGo();
      if (!this.#left) this.#join();
    } catch (error) {
      this.end.value ??= { reason: 'refused', error: error as RingbackError };
    }
  }

  /** Somebody to the platform; one that does not answer is asked again for as long as the person waits. */
  async #be(): Promise<void> {
    for (;;) {
      try {
        return void (await keeper.be(this.#displayName));
      } catch (error) {
        const { code } = error as RingbackError;
        if (this.#left || (code !== 'network' && code !== 'timeout')) throw error;
        this.unreachable.value = true;
      }
    }
  }

  /** Lets go of everything; the page shows something else. */
  dispose(): void {
    this.#left = true;
    this.#quiet();
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    if (this.#call) leaveBehind(this.#call);
    this.#call = undefined;
  }

  get microphoneOn(): boolean {
    return this.media.choices.value.microphone && this.media.microphone.value !== undefined;
  }

  get cameraOn(): boolean {
    return this.media.choices.value.camera && this.media.camera.value !== undefined;
  }

  get me() {
    return this.view.value?.participants[this.participantId];
  }

  get isHost(): boolean {
    return this.me?.role === 'host';
  }

  toggleMicrophone = (): void => {
    const on = !this.microphoneOn;
    this.media.choose({ microphone: on });
    announce(on ? 'Microphone on' : 'Muted');
    // A muted microphone stays open, so that unmuting is instant.
    if (on && !this.media.microphone.value) void this.#open('microphone');
  };

  toggleCamera = (): void => {
    const on = !this.cameraOn;
    this.media.choose({ camera: on });
    announce(on ? 'Camera on' : 'Camera off');
    if (on) void this.#open('camera');
    else this.media.stop('camera');
  };

  chooseDevice = (kind: DeviceKind, deviceId: string): void => {
    this.media.choose({ [`${kind}Id`]: deviceId });
    if (this.media[kind].value) void this.#open(kind, deviceId);
  };

  retryDevice = (kind: DeviceKind): void => {
    this.media.choose({ [kind]: true });
    void this.#open(kind);
  };

  toggleHand = (): void => {
    if (this.me?.handRaisedAt === undefined) this.people.raiseHand();
    else this.people.lowerHand();
  };

  toggleLock = (): void => {
    const call = this.#call;
    if (!call || !this.isHost) return;
    const locked = this.view.value?.locked === true;
    void (locked ? call.unlock() : call.lock()).catch((error: RingbackError) => this.#failed(error));
  };

  /** Camera and microphone end at once; the page says so when the platform knows, or after 2 s. */
  leave = (): void => {
    this.#quiet();
    void this.#call?.leave();
  };

  endForAll = (): void => {
    void this.#call?.end().catch((error: RingbackError) => this.#failed(error));
  };

  setTiles(tiles: TileSizes): void {
    this.#call?.setTiles(tiles);
  }

  /** Nothing is sent, heard or captured from here on, and nothing is published by what this changes. */
  #quiet(): void {
    this.#publisher?.stop();
    this.screen.stop();
    this.media.close();
    this.speaking.close();
    this.#audio.close();
  }

  #join(): void {
    const client = platform();
    const { participantId } = this;
    const call = client.join(this.#callId, { displayName: this.#displayName, participantId });
    this.#call = call;
    window.ringback.call = call;
    const publisher = new Publisher(call, this.media, (error) => this.#failed(error));
    this.#publisher = publisher;
    this.#listen(call);
    this.#cleanups.push(
      ...this.remote.listen(call),
      client.on('status', (status) => (this.unreachable.value = status === 'reconnecting')),
      () => (this.unreachable.value = false),
      ...this.#watchDevices(),
      // Whatever the person wants sent and has changed is brought in line with what is sent.
      effect(() => {
        void this.media.choices.value;
        void this.media.camera.value;
        void this.media.microphone.value;
        void this.local.value;
        if (this.status.value === 'joined') publisher.align();
      }),
      effect(() => this.#playSound()),
      effect(() => this.#audio.setSpeaker(this.media.speakerId.value)),
      effect(() => this.#listenWho()),
    );
  }

  #listen(call: Call): void {
    let settled = false;
    call.ready.then(
      () => (settled = true),
      () => undefined,
    );
    const others = (participantId: string) => settled && participantId !== this.participantId;
    this.#cleanups.push(
      call.on('state', (view) => (this.view.value = view)),
      call.on('status', (status) => (this.status.value = status)),
      call.on('local-tracks', (tracks) => this.#takeLocal(tracks)),
      call.on('event', (event) => this.#notice(event)),
      call.on('connection', ({ participantId, state }) => {
        this.connections.value = new Map(this.connections.value).set(participantId, state);
      }),
      call.on('quality', (quality) => {
        this.quality.value = new Map(this.quality.value).set(quality.participantId, quality);
      }),
      call.on('participant-joined', (p) => {
        if (others(p.participantId)) announce(`${p.displayName} joined`);
      }),
      call.on('participant-left', (p) => {
        // Should they come back, it is on another connection.
        this.quality.value = without(this.quality.value, p.participantId);
        this.connections.value = without(this.connections.value, p.participantId);
        if (others(p.participantId)) announce(`${p.displayName} left`);
      }),
      call.on('ended', (end) => {
        this.#quiet();
        if (window.ringback.call === call) window.ringback.call = undefined;
        this.end.value = end;
      }),
    );
  }

  #watchDevices(): (() => void)[] {
    const { media } = this;
    const watchProblem = (kind: DeviceKind) =>
      media.problems[kind].subscribe((problem) => {
        // What was wrong in the lobby was told there.
        if (this.status.peek() === 'joined') this.#showProblem(kind, problem !== undefined);
      });
    return [
      watchProblem('camera'),
      watchProblem('microphone'),
      media.fallback.subscribe((fallback) => {
        if (!fallback) return;
        const next = fallback.label === '' ? "The system's own" : `“${fallback.label}”`;
        this.#say(`The ${fallback.device} you used is gone. ${next} is used now.`);
        media.fallback.value = undefined;
      }),
    ];
  }

  #playSound(): void {
    const voices = (tracks: typeof this.remote.current.value) =>
      tracks
        .filter(({ track }) => track.kind === 'audio')
        .map(({ participantId, trackId, track }) => ({ id: `${participantId}/${trackId}`, track }));
    this.#audio.play(voices(this.remote.current.value), voices(this.remote.arriving.value));
  }

  #listenWho(): void {
    const people = this.view.value?.participants ?? {};
    const voices = new Map<string, MediaStreamTrack>();
    for (const { participantId, source, track } of this.remote.current.value) {
      const person = people[participantId];
      if (source === 'microphone' && person && sends(person, 'microphone')) voices.set(participantId, track);
    }
    this.speaking.follow(voices, this.media.monitor.value, !this.microphoneOn);
    const present = Object.values(people).filter((p) => p.presence !== 'left');
    this.speaking.keep(new Set(present.map((p) => p.participantId)));
  }

  #notice(event: CallEvent): void {
    const nameOf = (participantId: string) =>
      this.view.value?.participants[participantId]?.displayName ?? 'Somebody';
    switch (event.type) {
      case 'call.hand.raised':
        if (event.data.participantId !== this.participantId)
          announce(`${nameOf(event.data.participantId)} raised a hand`);
        return;
      case 'call.track.muted':
        if (event.data.participantId === this.participantId && event.data.by !== undefined)
          this.#say(mutedWords(nameOf(event.data.by)));
        return;
      default:
    }
  }

  #takeLocal(tracks: readonly LocalTrack[]): void {
    const microphone = tracks.find((t) => t.source === 'microphone');
    const before = this.local.peek().find((t) => t.trackId === microphone?.trackId);
    batch(() => {
      // Not our wish, so a host's. It becomes our own choice, or the page would undo it at once.
      if (microphone?.muted && before?.muted === false && this.media.choices.peek().microphone) {
        this.media.choose({ microphone: false });
        this.notice.value ??= mutedWords('A host');
      }
      this.local.value = tracks;
    });
  }

  async #open(kind: DeviceKind, deviceId?: string): Promise<void> {
    await this.media.start(kind, deviceId);
    this.#showProblem(kind, this.media.problems[kind].value !== undefined);
  }

  #showProblem(kind: DeviceKind, there: boolean): void {
    if (there) this.deviceProblem.value = kind;
    else if (this.deviceProblem.peek() === kind) this.deviceProblem.value = undefined;
  }

  #say(text: string): void {
    this.notice.value = text;
    announce(text);
  }

  #failed(error: RingbackError): void {
    // What the end of the call cut off is no news: the page tells that it is over.
    if (this.#left || this.end.value || error.code === 'call_ended' || error.code === 'closed') return;
    this.failure.value = error.message;
    announce(error.message);
  }
}

const mutedWords = (host: string) => `${host} muted you. You can unmute yourself.`;

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  return new Map([...map].filter(([known]) => known !== key));
}
