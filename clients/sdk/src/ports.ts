import { loadDevice, type CallServerDevice } from './call-server/device.ts';
import { uuidV7 } from './uuid.ts';

/** What `setTimeout` gives back: a number in browsers, an object in Node. */
export type Timer = unknown;

export interface Clock {
  /** Milliseconds since 1970. It must go on while the machine sleeps: that is how a sleep is noticed. */
  now(): number;
  setTimeout(run: () => void, delayMs: number): Timer;
  clearTimeout(timer: Timer): void;
}

/** What of WHATWG WebSocket is used. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number }) => void) | null;
  onerror: (() => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

/** Everything this package takes from the runtime. */
export interface Ports {
  WebSocket: new (url: string) => SocketLike;
  fetch: typeof globalThis.fetch;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  /** A UUIDv7 (RFC 9562 section 5.7) in lower case. */
  uuid: () => string;
  /** Absent in Node: calls can then be followed and steered, but carry no media. */
  RTCPeerConnection: typeof RTCPeerConnection | undefined;
  /** What speaks WebRTC with a Call Server. Loaded only by who needs it: it is larger than the rest of this package. */
  loadDevice: () => Promise<CallServerDevice>;
  /** Calls `listener` when the network is there again or another one. Returns a function that stops it. */
  onNetworkChange: (listener: () => void) => () => void;
}

/** The runtime's own, replaced where `given` says so. */
export function portsOf(given: Partial<Ports> = {}): Ports {
  const clock: Clock = given.clock ?? {
    now: () => Date.now(),
    setTimeout: (run, delayMs) => globalThis.setTimeout(run, delayMs),
    clearTimeout: (timer) => globalThis.clearTimeout(timer as number),
  };
  return {
    WebSocket: globalThis.WebSocket as unknown as Ports['WebSocket'],
    fetch: (...request) => globalThis.fetch(...request),
    random: Math.random,
    uuid: () => uuidV7(clock.now()),
    RTCPeerConnection: globalThis.RTCPeerConnection,
    loadDevice,
    onNetworkChange: onBrowserNetworkChange,
    ...given,
    clock,
  };
}

/**
 * `online` comes everywhere but in Node. `navigator.connection` (Network Information API) is Chromium's alone and
 * also reports every new estimate of the bandwidth: only another `type` of network counts.
 */
function onBrowserNetworkChange(listener: () => void): () => void {
  const page = globalThis as Partial<Pick<Window, 'addEventListener' | 'removeEventListener'>>;
  const connection = (globalThis.navigator as { connection?: EventTarget & { type?: string } } | undefined)
    ?.connection;
  let type = connection?.type;
  const onChange = () => {
    if (connection?.type === type) return;
    type = connection?.type;
    listener();
  };
  page.addEventListener?.('online', listener);
  connection?.addEventListener('change', onChange);
  return () => {
    page.removeEventListener?.('online', listener);
    connection?.removeEventListener('change', onChange);
  };
}
