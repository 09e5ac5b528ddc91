import { fileURLToPath } from 'node:url';
import type { Logger, Registry } from '@ringback/runtime';
import { httpOperations, reject, type Readiness } from '@ringback/schemas';
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { Api } from './api.ts';
import { headOf, json, problem, Reply, type Answer, type RequestHead } from './http-response.ts';
import type { EdgeMetrics } from './metrics.ts';
import { preflightHeaders, type Origins } from './origins.ts';
import type { PeopleApi } from './people/people-api.ts';
import { readFile, type StaticFiles } from './static-files.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

export interface HttpPorts {
  readonly api: Api;
  readonly peopleApi: PeopleApi;
  readonly files: StaticFiles;
  readonly origins: Origins;
  readonly proxies: TrustedProxies;
  readonly registry: Registry;
  readonly metrics: EdgeMetrics;
  readonly logger: Logger;
  readonly readiness: () => Promise<Readiness>;
}

type Handler = (
  head: RequestHead,
  parameter: string,
  body: () => Promise<Buffer | undefined>,
) => Answer | Promise<Answer>;

/** Generated from schemas/, served as they are. */
const documents = ['openapi.json', 'asyncapi.json', 'docs.html', 'docs.css'] as const;

/**
 * Routes of this gateway: API, documents, health, and the web app.
 *
 * @returns says how many requests have no answer yet.
 */
export function serveHttp(app: TemplatedApp, ports: HttpPorts): () => number {
  const { api, files, origins, peopleApi } = ports;
  let unanswered = 0;
  const begin = (...args: Parameters<typeof run>) => {
    unanswered += 1;
    void run(...args).finally(() => (unanswered -= 1));
  };
  const routes: { method: string; path: RegExp }[] = [];
  const route = (method: 'get' | 'post', pattern: string, handle: Handler) => {
    const path = new RegExp(`^${pattern.replace(/:\w+/, '[^/]+').replace('*', '(?!v1/).*')}$`);
    routes.push({ method: method.toUpperCase(), path });
    app[method](pattern, (response, request) => begin(response, request, handle, ports));
  };
  const operation = (name: keyof typeof httpOperations, handle: Handler) => {
    const { method, path } = httpOperations[name];
    route(method, path.replace(/\{(\w+)\}/, ':$1'), (head, parameter, body) =>
      forPages(origins, head, () => handle(head, parameter, body)),
    );
  };
  operation('createGuest', async (head, _, body) => api.createGuest(head, await body()));
  operation('renewGuest', (head) => api.renewGuest(head));
  operation('createCall', async (head, _, body) => api.createCall(head, await body()));
  operation('listCalls', (head) => api.listCalls(head));
  operation('getCall', (head, callId) => api.getCall(head, callId));
  operation('getEvents', (head, callId) => api.getEvents(head, callId));
  operation('getTelemetry', (head, callId) => api.getTelemetry(head, callId));
  operation('getIceServers', (head) => api.getIceServers(head));
  operation('connect', async (head, _, body) => peopleApi.connect(head, await body()));
  operation('getPresence', (head) => peopleApi.getPresence(head));
  operation('sendMessage', async (head, userId, body) => peopleApi.sendMessage(head, userId, await body()));

  route('get', '/healthz', () => ({ status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' }));
  route('get', '/readyz', async () => {
    const readiness = await ports.readiness();
    return json(readiness.ready ? 200 : 503, readiness);
  });
  route('get', '/metrics', async () => ({
    status: 200,
    type: ports.registry.contentType,
    body: await ports.registry.metrics(),
  }));
  for (const name of documents) {
    const file = readFile(fileURLToPath(new URL(`../../../schemas/generated/${name}`, import.meta.url)));
    const answer = { status: 200, type: file.type, body: file.bytes };
    route('get', `/${name === 'docs.html' ? 'docs' : name}`, () => answer);
  }
  const page = (head: RequestHead): Answer =>
    files.get('/index.html', head) ?? {
      status: 503,
      type: 'text/plain; charset=utf-8',
      body: 'The web app is not built. Run npm run setup.\n',
    };
  route('get', '/', page);
  route('get', '/c/:callId', page);
  route('get', '/t/:callId', page);
  route('get', '/*', (head) => {
    const file = files.get(head.path, head);
    if (file !== undefined && !head.path.endsWith('.html')) return file;
    if (head.path.startsWith('/v1/')) return otherMethod(head);
    // A person gets the app's own page for what is not there, a program a problem.
    const wantsPage = !/\.\w+$/.test(head.path);
    return wantsPage && files.ready
      ? { ...page({ ...head, etag: '' }), status: 404 }
      : problem(reject('not_found'));
  });
  app.head('/*', (response, request) =>
    begin(
      response,
      request,
      (head) =>
        files.get(head.path === '/' ? '/index.html' : head.path, head) ?? problem(reject('not_found')),
      ports,
      true,
    ),
  );
  app.options('/v1/*', (response, request) =>
    begin(
      response,
      request,
      (head) => (head.origin === '' ? otherMethod(head) : forPages(origins, head, () => preflight)),
      ports,
    ),
  );
  app.any('/*', (response, request) => begin(response, request, otherMethod, ports));
  return () => unanswered;

  /** RFC 9110 section 15.5.6: a 405 says what is allowed. */
  function otherMethod(head: RequestHead): Answer {
    const methods = routes.filter(({ path }) => path.test(head.path)).map(({ method }) => method);
    if (methods.length === 0) return problem(reject('not_found'));
    const allowed = [...new Set(methods)].sort().join(', ');
    return problem(reject('method_not_allowed'), [['allow', allowed]]);
  }
}

const preflight: Answer = {
  status: 204,
  type: 'text/plain; charset=utf-8',
  body: '',
  headers: preflightHeaders,
};

/** What a page of another origin gets: its answer with leave to read it, or why not. */
async function forPages(
  origins: Origins,
  { origin, host }: RequestHead,
  answer: () => Answer | Promise<Answer>,
): Promise<Answer> {
  const refusal = origins.refusal(origin, host);
  if (refusal !== undefined) return problem(refusal);
  const given = await answer();
  return { ...given, headers: [...(given.headers ?? []), ...origins.headersFor(origin, host)] };
}

function run(
  response: HttpResponse,
  request: HttpRequest,
  handle: Handler,
  { metrics, logger, proxies }: HttpPorts,
  headOnly = false,
): Promise<void> {
  const reply = new Reply(response);
  const head = headOf(request, response, proxies);
  const parameter = request.getParameter(0) ?? '';
  // Reading starts now, within the handler's turn, or the bytes are lost.
  let body: Promise<Buffer | undefined> | undefined;
  if (head.method === 'post') body = reply.body();
  const answered = (answer: Answer) => {
    reply.send(answer, headOnly);
    metrics.httpRequests.inc({ status: String(answer.status) });
  };
  return Promise.resolve()
    .then(() => handle(head, parameter, () => body ?? Promise.resolve(Buffer.alloc(0))))
    .then(answered)
    .catch((error: unknown) => {
      logger.error({ path: head.path, err: error }, 'request failed');
      answered(problem(reject('internal_error')));
    })
    .catch((error: unknown) => {
      logger.error({ path: head.path, err: error }, 'no answer could be given');
    });
}
