import type { MediaChoices } from '../media/local-media.ts';
import { browserStore, readJson, tabStore } from '../session/storage.ts';

/** What this tab knows of a call, so that a reload comes straight back into it as the same person. */
export interface TabMemory {
  participantId: string;
  inCall: boolean;
  choices: MediaChoices;
}

const tabKey = (callId: string) => `ringback.call.${callId}`;
const devicesKey = 'ringback.devices';

export function recall(callId: string): TabMemory {
  const known = readJson(tabStore, tabKey(callId), isTabMemory);
  return known ?? { participantId: randomUuid(), inCall: false, choices: lastChoices() };
}

export function remember(callId: string, memory: TabMemory): void {
  tabStore.set(tabKey(callId), JSON.stringify(memory));
  // The next call starts with the same devices, but with both on: being seen is the usual wish.
  const { cameraId, microphoneId, speakerId } = memory.choices;
  browserStore.set(devicesKey, JSON.stringify({ cameraId, microphoneId, speakerId }));
}

/** `crypto.randomUUID` exists on safe pages only; this works on plain http, too. RFC 9562, version 4. */
export function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function lastChoices(): MediaChoices {
  const devices = readJson(browserStore, devicesKey, isRecord) ?? {};
  return { ...devices, camera: true, microphone: true };
}

function isRecord(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null;
}

function isTabMemory(value: unknown): value is TabMemory {
  const candidate = value as Partial<TabMemory> | null;
  return typeof candidate?.participantId === 'string' && isRecord(candidate.choices);
}
