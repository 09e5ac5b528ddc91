import { batch, computed, signal } from '@preact/signals';
import { problemOf, type DeviceKind, type MediaProblem } from './problems.ts';

/** What a person chose; kept for a reload. */
export interface MediaChoices {
  camera: boolean;
  microphone: boolean;
  cameraId?: string;
  microphoneId?: string;
  speakerId?: string;
}

/** A device went away and another took its place. */
export interface Fallback {
  device: DeviceKind | 'speaker';
  /** The one in use now, as the browser names it; empty where it does not. */
  label: string;
}

/** A device that is lost again this soon is broken: another try would only lose it again. Milliseconds. */
const lossMsMin = 3_000;

/** Enough for a grid of eight; the encoder goes lower by itself. Larger only costs uplink. */
const cameraConstraints: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};

export const canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype;
export const canShareScreen = 'mediaDevices' in navigator && 'getDisplayMedia' in navigator.mediaDevices;

/**
 * This device's camera and microphone. Off means off: the camera's light goes out. A muted microphone stays
 * open, so that unmuting is instant.
 */
export class LocalMedia {
  readonly camera = signal<MediaStreamTrack | undefined>(undefined);
  readonly microphone = signal<MediaStreamTrack | undefined>(undefined);
  readonly problems = {
    camera: signal<MediaProblem | undefined>(undefined),
    microphone: signal<MediaProblem | undefined>(undefined),
  };
  readonly devices = signal<readonly MediaDeviceInfo[]>([]);
  readonly choices;
  /** The microphone as it hears while muted: for the hint that one is. Goes nowhere. */
  readonly monitor = signal<MediaStreamTrack | undefined>(undefined);
  /** The last device that went away and was replaced; for a notice. */
  readonly fallback = signal<Fallback | undefined>(undefined);
  /** The chosen speaker while it is there; otherwise the system's own. */
  readonly speakerId = computed(() => this.devices.value.find((d) => this.#isSpeaker(d))?.deviceId);
  /** The latest request of each kind: an answer to an earlier one comes too late. */
  readonly #wanted = { camera: 0, microphone: 0 };
  /** The browser asks the person, or starts the device. */
  readonly #asking = { camera: false, microphone: false };
  readonly #lostAtMs = { camera: -Infinity, microphone: -Infinity };
  readonly #onDeviceChange = () => void this.#devicesChanged();
  #closed = false;

  constructor(choices: MediaChoices) {
    this.choices = signal<MediaChoices>(choices);
    navigator.mediaDevices?.addEventListener('devicechange', this.#onDeviceChange);
  }

  /**
   * Opens what was chosen and is not open or being asked for. Camera and microphone are asked for apart: one missing
   * must not cost the other.
   */
  async open(): Promise<void> {
    // One after the other, so that the browser asks one question at a time; the choice may change meanwhile.
    for (const kind of ['microphone', 'camera'] as const)
      if (this.choices.value[kind] && !this[kind].value && !this.#asking[kind]) await this.start(kind);
    await this.listDevices();
  }

  async start(kind: DeviceKind, deviceId?: string): Promise<MediaStreamTrack | undefined> {
    if (this.#closed) return undefined;
    const wanted = (this.#wanted[kind] += 1);
    if (!navigator.mediaDevices?.getUserMedia) {
      this.problems[kind].value = 'insecure';
      return undefined;
    }
    this.#asking[kind] = true;
    try {
      const track = await this.#capture(kind, deviceId ?? this.choices.value[`${kind}Id`]);
      if (this.#closed || wanted !== this.#wanted[kind]) {
        track?.stop();
        return undefined;
      }
      this.#replace(kind, track);
      void this.listDevices();
      return track;
    } catch (error) {
      if (wanted === this.#wanted[kind])
        batch(() => {
          this.problems[kind].value = problemOf(error);
          this.#replace(kind, undefined);
        });
      return undefined;
    } finally {
      if (wanted === this.#wanted[kind]) this.#asking[kind] = false;
    }
  }

  stop(kind: DeviceKind): void {
    this.#wanted[kind] += 1;
    this.#asking[kind] = false;
    this.#replace(kind, undefined);
  }

  choose(change: Partial<MediaChoices>): void {
    this.choices.value = { ...this.choices.value, ...change };
    this.#silence(this.microphone.value);
  }

  /** Muted is silent at once: telling the others may have to wait for a connection. */
  #silence(microphone: MediaStreamTrack | undefined): void {
    if (microphone) microphone.enabled = this.choices.value.microphone;
  }

  async listDevices(): Promise<void> {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    // Before permission, browsers list nameless placeholders.
    this.devices.value = all.filter((d) => d.deviceId !== '');
  }

  close(): void {
    this.#closed = true;
    navigator.mediaDevices?.removeEventListener('devicechange', this.#onDeviceChange);
    this.stop('camera');
    this.stop('microphone');
  }

  async #capture(kind: DeviceKind, deviceId: string | undefined): Promise<MediaStreamTrack | undefined> {
    // `ideal`, not `exact`: a device that was unplugged since must not keep one from joining.
    const device = deviceId === undefined ? {} : { deviceId: { ideal: deviceId } };
    const stream = await navigator.mediaDevices.getUserMedia(
      kind === 'camera' ? { video: { ...cameraConstraints, ...device } } : { audio: device },
    );
    return stream.getTracks()[0];
  }

  #replace(kind: DeviceKind, track: MediaStreamTrack | undefined): void {
    const before = this[kind].value;
    if (before !== track) before?.stop();
    if (kind === 'microphone') this.#silence(track);
    batch(() => {
      if (kind === 'microphone') this.#listen(track);
      if (track) this.problems[kind].value = undefined;
      this[kind].value = track;
    });
    // Unplugged, or taken away by the system; our own stop() does not fire this.
    track?.addEventListener('ended', () => void this.#lost(kind, track));
  }

  /** A muted track hears nothing itself: only a copy of it tells that somebody speaks all the same. */
  #listen(microphone: MediaStreamTrack | undefined): void {
    this.monitor.value?.stop();
    const copy = microphone?.clone();
    if (copy) copy.enabled = true;
    this.monitor.value = copy;
  }

  /** Takes another device in place of one that is gone; says that there is none. */
  async #lost(kind: DeviceKind, track: MediaStreamTrack): Promise<void> {
    if (this[kind].value !== track) return;
    const now = performance.now();
    const again = now - this.#lostAtMs[kind] < lossMsMin;
    this.#lostAtMs[kind] = now;
    batch(() => {
      this.#replace(kind, undefined);
      if (again) this.problems[kind].value = 'missing';
    });
    if (again) return;
    const next = await this.start(kind);
    if (next) this.fallback.value = { device: kind, label: next.label };
  }

  async #devicesChanged(): Promise<void> {
    const before = this.speakerId.value;
    await this.listDevices();
    const now = this.speakerId.value;
    if (before !== undefined && now === undefined && !this.#closed)
      this.fallback.value = { device: 'speaker', label: '' };
  }

  #isSpeaker({ kind, deviceId }: MediaDeviceInfo): boolean {
    return kind === 'audiooutput' && deviceId === this.choices.value.speakerId;
  }
}
