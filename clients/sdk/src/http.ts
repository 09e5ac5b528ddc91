import type { Problem } from '@ringback/schemas';
import { fullJitterMs } from './backoff.ts';
import { RingbackError } from './errors.ts';
import { sdkLimits } from './limits.ts';
import type { Ports } from './ports.ts';

export interface HttpRequest {
  method: 'GET' | 'POST';
  /** From the origin, with its query. */
  path: string;
  body?: unknown;
  /** Absent for what needs no token. */
  token?: string;
  /** Whether sending it twice has one effect. Only then is it tried again. */
  repeatable: boolean;
}

type HttpPorts = Pick<Ports, 'fetch' | 'clock' | 'random'>;

/**
 * Sends one request and gives the JSON body.
 *
 * @throws RingbackError with the platform's code, or `network`, `timeout`, `protocol`.
 */
export async function requestJson<T>(origin: string, request: HttpRequest, ports: HttpPorts): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (await send(origin, request, ports)) as T;
    } catch (error) {
      const again =
        request.repeatable &&
        attempt + 1 < sdkLimits.httpTriesMax &&
        error instanceof RingbackError &&
        error.retryable;
      if (!again) throw error;
      const { backoffMsMin, backoffMsMax } = sdkLimits;
      const pauseMs = fullJitterMs(attempt, ports.random(), backoffMsMin, backoffMsMax);
      await new Promise<void>((resolve) => ports.clock.setTimeout(resolve, pauseMs));
    }
  }
}

async function send(origin: string, request: HttpRequest, { fetch, clock }: HttpPorts): Promise<unknown> {
  const abort = new AbortController();
  const timer = clock.setTimeout(() => abort.abort(), sdkLimits.httpMsMax);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (request.token !== undefined) headers['authorization'] = `Bearer ${request.token}`;
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  try {
    const response = await fetch(`${origin}${request.path}`, {
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal: abort.signal,
    });
    const text = await response.text();
    return read(response, text);
  } catch (error) {
    if (error instanceof RingbackError) throw error;
    throw abort.signal.aborted
      ? new RingbackError('timeout', 'The server did not answer in time.', { cause: error })
      : new RingbackError('network', 'The server can not be reached.', { cause: error });
  } finally {
    clock.clearTimeout(timer);
  }
}

function read(response: Response, text: string): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    // A proxy in between answers with its own page; a 5xx of that kind passes.
    const code = response.status >= 500 ? 'network' : 'protocol';
    throw new RingbackError(code, `The server answered ${response.status} without JSON.`, { cause: error });
  }
  if (response.ok) return body;
  const problem = body as Partial<Problem> | null;
  if (problem?.code === undefined)
    throw new RingbackError('protocol', `The server answered ${response.status}.`);
  throw new RingbackError(problem.code, problem.detail ?? problem.title ?? problem.code, {
    field: problem.field,
  });
}
