// What the scripts use of k6's own modules: they come with k6, not with npm.

declare module 'k6' {
  export function check<T>(value: T, checks: Record<string, (value: T) => boolean>): boolean;
}

declare module 'k6/crypto' {
  export function hmac(algorithm: 'sha256', secret: string, data: string, encoding: 'base64rawurl'): string;
}

declare module 'k6/encoding' {
  export function b64encode(text: string, encoding: 'rawurl'): string;
}

declare module 'k6/http' {
  export interface Answer {
    /** 0 where there was none. */
    readonly status: number;
    /** Null where there was none. */
    readonly body: string | null;
    /** @throws Error where the body is not JSON. */
    json(): unknown;
  }
  interface Parameters {
    readonly headers?: Record<string, string>;
    readonly tags?: Record<string, string>;
  }
  const http: {
    get(url: string, parameters?: Parameters): Answer;
    post(url: string, body: string, parameters?: Parameters): Answer;
  };
  export default http;
}

declare module 'k6/metrics' {
  class Metric {
    constructor(name: string, isTime?: boolean);
    add(value: number, tags?: Record<string, string>): void;
  }
  export class Counter extends Metric {}
  export class Trend extends Metric {}
}

declare module 'k6/websockets' {
  export interface Heard {
    readonly data: string;
    /** When it was read from the socket, whenever the script gets to it. Milliseconds since 1970, with fractions. */
    readonly timestamp: number;
  }
  export class WebSocket {
    constructor(url: string, protocols: null, parameters: { tags?: Record<string, string> });
    readonly readyState: number;
    onopen: () => void;
    onmessage: (heard: Heard) => void;
    onclose: (close: { readonly code: number; readonly reason: string }) => void;
    onerror: (fault: { readonly error: string }) => void;
    send(text: string): void;
    close(): void;
  }
}

/** The environment k6 was started with. */
declare const __ENV: Readonly<Record<string, string | undefined>>;
