import { effect, signal } from '@preact/signals';
import {
  type RingbackError,
  type Call,
  type CallEnd,
  type CallEvents,
  type CallStatus,
  type LocalTrack,
  type PeerQuality,
  type RemoteTrack,
} from '@ringback/sdk';
import type { CallView } from '@ringback/schemas';
import type { LocalMedia } from '../media/local-media.ts';
import type { DeviceKind } from '../media/problems.ts';
import { callsLetGo, keeper, leaveBehind, platform } from '../platform.ts';
import { announce } from '../ui/announcer.tsx';
import { Publisher } from './publisher.ts';
import { ScreenShare } from './screen-share.ts';

type ConnectionState = CallEvents['connection']['state'];

/** One stay in a call: the SDK's call as signals for the page, and what its buttons do. */
export class CallSession {
  readonly media: LocalMedia;
  readonly view = signal<CallView | undefined>(undefined);
  readonly status = signal<CallStatus>('joining');
  readonly end = signal<CallEnd | undefined>(undefined);
  readonly remote = signal<readonly RemoteTrack[]>([]);
  readonly local = signal<readonly LocalTrack[]>([]);
  readonly quality = signal<ReadonlyMap<string, PeerQuality>>(new Map());
  readonly connections = signal<ReadonlyMap<string, ConnectionState>>(new Map());
  /** The platform can not be reached and is tried again. */
  readonly unreachable = signal(false);
  /** Something the person asked for did not work; shown for a while. */
  readonly failure = signal<string | undefined>(undefined);
  /** A device that was asked for in the call and did not come. */
  readonly deviceProblem = signal<DeviceKind | undefined>(undefined);
  readonly screen: ScreenShare;
  readonly participantId: string;
  readonly #callId: string;
  readonly #displayName: string;
  readonly #cleanups: (() => void)[] = [];
  #call: Call | undefined;
  #left = false;

  constructor(options: { callId: string; participantId: string; displayName: string; media: LocalMedia }) {
    this.#callId = options.callId;
    this.participantId = options.participantId;
    this.#displayName = options.displayName;
    this.media = options.media;
    this.screen = new ScreenShare(
      () => this.#call,
      this.local,
      (error) => this.#failed(error),
    );
  }

  async start(): Promise<void> {
    void this.media.open();
    try {
      await keeper.be(this.#displayName);
      await callsLetGo();
      if (!this.#left) this.#join();
    } catch (error) {
      this.end.value ??= { reason: 'refused', error: error as RingbackError };
    }
  }

  /** Lets go of everything; the page shows something else. */
  dispose(): void {
    this.#left = true;
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.screen.stop();
    this.media.close();
    if (this.#call) leaveBehind(this.#call);
    this.#call = undefined;
  }

  get microphoneOn(): boolean {
    return this.media.choices.value.microphone && this.media.microphone.value !== undefined;
  }

  get cameraOn(): boolean {
    return this.media.choices.value.camera && this.media.camera.value !== undefined;
  }

  get isHost(): boolean {
    return this.view.value?.participants[this.participantId]?.role === 'host';
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

  toggleLock = (): void => {
    const call = this.#call;
    if (!call || !this.isHost) return;
    const locked = this.view.value?.locked === true;
    void (locked ? call.unlock() : call.lock()).catch((error: RingbackError) => this.#failed(error));
  };

  /** Camera and microphone end at once; the page says so when the platform knows, or after 2 s. */
  leave = (): void => {
    void this.#call?.leave();
    this.media.close();
  };

  endForAll = (): void => {
    void this.#call?.end().catch((error: RingbackError) => this.#failed(error));
  };

  #join(): void {
    const client = platform();
    const { participantId } = this;
    const call = client.join(this.#callId, { displayName: this.#displayName, participantId });
    this.#call = call;
    window.ringback.call = call;
    this.#listen(call);
    this.#cleanups.push(
      client.on('status', (status) => (this.unreachable.value = status === 'reconnecting')),
      () => (this.unreachable.value = false),
    );
    for (const kind of ['camera', 'microphone'] as const)
      this.#cleanups.push(
        this.media.problems[kind].subscribe((problem) => {
          // What was wrong in the lobby was told there.
          if (this.status.peek() === 'joined') this.#showProblem(kind, problem !== undefined);
        }),
      );
    const publisher = new Publisher(call, this.media, (error) => this.#failed(error));
    // Whatever the person wants sent and has changed is brought in line with what is sent.
    const stopPublishing = effect(() => {
      void this.media.choices.value;
      void this.media.camera.value;
      void this.media.microphone.value;
      void this.local.value;
      if (this.status.value === 'joined') publisher.align();
    });
    this.#cleanups.push(stopPublishing);
  }

  #listen(call: Call): void {
    let settled = false;
    call.ready.then(
      () => (settled = true),
      () => undefined,
    );
    const others = (participantId: string) => settled && participantId !== this.participantId;
    const takeRemote = () => (this.remote.value = [...call.remoteTracks]);
    this.#cleanups.push(
      call.on('state', (view) => (this.view.value = view)),
      call.on('status', (status) => (this.status.value = status)),
      call.on('local-tracks', (tracks) => (this.local.value = tracks)),
      call.on('remote-track', takeRemote),
      call.on('remote-track-ended', takeRemote),
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
        // Should they come back, it is on another peer connection.
        this.quality.value = without(this.quality.value, p.participantId);
        this.connections.value = without(this.connections.value, p.participantId);
        if (others(p.participantId)) announce(`${p.displayName} left`);
      }),
      call.on('ended', (end) => {
        this.screen.stop();
        this.media.close();
        if (window.ringback.call === call) window.ringback.call = undefined;
        this.end.value = end;
      }),
    );
  }

  async #open(kind: DeviceKind, deviceId?: string): Promise<void> {
    await this.media.start(kind, deviceId);
    this.#showProblem(kind, this.media.problems[kind].value !== undefined);
  }

  #showProblem(kind: DeviceKind, there: boolean): void {
    if (there) this.deviceProblem.value = kind;
    else if (this.deviceProblem.peek() === kind) this.deviceProblem.value = undefined;
  }

  #failed(error: RingbackError): void {
    // What the end of the call cut off is no news: the page tells that it is over.
    if (this.end.value || error.code === 'call_ended' || error.code === 'closed') return;
    this.failure.value = error.message;
    announce(error.message);
  }
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  return new Map([...map].filter(([known]) => known !== key));
}
