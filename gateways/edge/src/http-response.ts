import { rejections, type Problem, type Rejection } from '@ringback/schemas';
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { limits } from './limits.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** On every answer. Media comes from the browser's own devices and peers; nothing else is loaded from elsewhere. */
const securityHeaders: readonly (readonly [string, string])[] = [
  [
    'content-security-policy',
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  ],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['permissions-policy', 'camera=(self), microphone=(self), display-capture=(self), geolocation=()'],
];

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: readonly (readonly [string, string])[];
}

export function json(status: number, value: unknown, headers?: Answer['headers']): Answer {
  return {
    status,
    type: 'application/json',
    body: JSON.stringify(value),
    headers: [['cache-control', 'no-store'], ...(headers ?? [])],
  };
}

/** A refusal as RFC 9457 problem details. */
export function problem(rejection: Rejection, headers?: Answer['headers']): Answer {
  const { status, message } = rejections[rejection.code];
  const body: Problem = {
    type: `/docs#${rejection.code}`,
    title: message,
    status,
    detail: rejection.message,
    code: rejection.code,
    ...(rejection.field === undefined ? {} : { field: rejection.field }),
  };
  return {
    status,
    type: 'application/problem+json',
    body: JSON.stringify(body),
    headers: [
      ['cache-control', 'no-store'],
      ...(status === 401 ? ([['www-authenticate', 'Bearer']] as const) : []),
      ...(status === 429 ? ([['retry-after', '1']] as const) : []),
      ...(headers ?? []),
    ],
  };
}

const reasons: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** A response that may already be gone: uWebSockets.js forbids to touch it after its end or abort. */
export class Reply {
  readonly #response: HttpResponse;
  #done = false;
  /** More was sent than is read: the rest is not waited for. */
  #tooLong = false;

  constructor(response: HttpResponse) {
    this.#response = response;
    response.onAborted(() => {
      this.#done = true;
    });
  }

  /** @throws what writing throws; the connection is closed then. */
  send(answer: Answer, headOnly = false): void {
    if (this.#done) return;
    try {
      this.#response.cork(() => this.#write(answer, headOnly));
    } catch (error) {
      this.close();
      throw error;
    }
    this.#done = true;
  }

  /** Nothing is said any more. */
  close(): void {
    if (this.#done) return;
    this.#done = true;
    this.#response.close();
  }

  #write(answer: Answer, headOnly: boolean): void {
    this.#response.writeStatus(`${answer.status} ${reasons[answer.status] ?? ''}`);
    this.#response.writeHeader('content-type', answer.type);
    for (const [name, value] of securityHeaders) this.#response.writeHeader(name, value);
    for (const [name, value] of answer.headers ?? []) this.#response.writeHeader(name, value);
    if (headOnly)
      this.#response.endWithoutBody(
        typeof answer.body === 'string' ? Buffer.byteLength(answer.body) : answer.body.length,
      );
    else this.#response.end(answer.body, this.#tooLong);
  }

  /** The whole body, or `undefined` as soon as it is longer than allowed. Never settles for a request that went away. */
  body(): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      this.#response.onData((chunk, isLast) => {
        bytes += chunk.byteLength;
        this.#tooLong = bytes > limits.bodyBytesMax;
        // The chunk's memory is only lent.
        if (!this.#tooLong) chunks.push(Buffer.from(Buffer.from(chunk)));
        if (this.#tooLong) resolve(undefined);
        else if (isLast) resolve(Buffer.concat(chunks));
      });
    });
  }
}

/** What is needed of a request after its handler returned: uWebSockets.js lends it only until then. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string;
  readonly host: string;
  /** Of the page that asks; empty where it is no browser. */
  readonly origin: string;
  readonly etag: string;
  readonly acceptsEncoding: string;
  /** Of the client, as far as a proxy is believed on it. */
  readonly address: string;
}

export function headOf(request: HttpRequest, response: HttpResponse, proxies: TrustedProxies): RequestHead {
  const peer = Buffer.from(response.getRemoteAddressAsText()).toString();
  return {
    method: request.getMethod(),
    path: request.getUrl(),
    query: new URLSearchParams(request.getQuery()),
    authorization: request.getHeader('authorization'),
    host: request.getHeader('host'),
    origin: request.getHeader('origin'),
    etag: request.getHeader('if-none-match'),
    acceptsEncoding: request.getHeader('accept-encoding'),
    address: proxies.clientOf(peer, () => forwardedFor(request)),
  };
}

/** Some proxies append to the header, others add another one: a list in the order they came (RFC 9110 section 5.3). */
function forwardedFor(request: HttpRequest): string {
  const lists: string[] = [];
  request.forEach((name, value) => {
    if (name === 'x-forwarded-for') lists.push(value);
  });
  return lists.join(',');
}
