import { SchemaComparison, type Way } from './breaking-schema.ts';
import type { JsonSchema } from './json-schema.ts';

type Content = Record<string, { readonly schema?: JsonSchema }>;

interface HttpOperation {
  readonly operationId?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Record<string, { readonly content?: Content }>;
}

interface Described {
  readonly info: { readonly version: string };
}

/** As much of OpenAPI 3.1 as ours says. */
export interface OpenApi extends Described {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, HttpOperation>>;
  readonly components: { readonly schemas: Record<string, JsonSchema> };
}

interface Reference {
  readonly $ref: string;
}

interface SocketOperation {
  readonly action: 'send' | 'receive';
  readonly channel: Reference;
  readonly messages: readonly Reference[];
  readonly reply?: { readonly messages: readonly Reference[] };
}

/** As much of AsyncAPI 3.0 as ours says. */
export interface AsyncApi extends Described {
  readonly asyncapi: string;
  readonly channels: Record<
    string,
    { readonly address: string; readonly 'x-close-codes'?: Record<string, string> }
  >;
  readonly operations: Record<string, SocketOperation>;
  readonly components: {
    readonly messages: Record<string, { readonly contentType?: string; readonly payload: JsonSchema }>;
    readonly schemas: Record<string, JsonSchema>;
  };
}

export type ApiDocument = OpenApi | AsyncApi;

/** What of the change from one version of a document to another breaks clients of the first, a sentence each. */
export function breakingChanges(was: ApiDocument, is: ApiDocument): string[] {
  if ('openapi' in was && 'openapi' in is) return [...new Set(httpChanges(was, is))];
  if ('asyncapi' in was && 'asyncapi' in is) return [...new Set(socketChanges(was, is))];
  throw new TypeError('two documents of one kind are needed');
}

function httpChanges(was: OpenApi, is: OpenApi): string[] {
  const schemas = new SchemaComparison(was.components.schemas, is.components.schemas);
  return Object.entries(was.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, before]) => {
      const name = `${method.toUpperCase()} ${path}`;
      const after = is.paths[path]?.[method];
      return after === undefined ? [`${name} is gone`] : operationChanges(before, after, name, schemas);
    }),
  );
}

function operationChanges(
  was: HttpOperation,
  is: HttpOperation,
  name: string,
  schemas: SchemaComparison,
): string[] {
  const found: string[] = [];
  // Generated clients call it by this.
  if (was.operationId !== is.operationId)
    found.push(`${name}: operationId was ${was.operationId} and is ${is.operationId}`);
  if (was.security?.length === 0 && is.security?.length !== 0) found.push(`${name} needs a token now`);
  found.push(...parameterChanges(was, is, name, schemas));
  const [body, bodyNow] = [was.requestBody, is.requestBody];
  if (bodyNow?.required === true && body?.required !== true) found.push(`${name}: a body is needed now`);
  if (body !== undefined && bodyNow === undefined) found.push(`${name}: no body is taken any more`);
  found.push(...contentChanges(body?.content, bodyNow?.content, 'in', `${name}: body`, schemas));
  for (const [status, { content }] of Object.entries(was.responses)) {
    const now = is.responses[status];
    if (now !== undefined)
      found.push(...contentChanges(content, now.content, 'out', `${name}: ${status}`, schemas));
    else if (isSuccess(status)) found.push(`${name}: ${status} does not come any more`);
  }
  // Refusals are told apart by their code, and clients know all of a class by its first digit.
  for (const status of Object.keys(is.responses))
    if (isSuccess(status) && !(status in was.responses)) found.push(`${name}: ${status} may come now`);
  return found;
}

function isSuccess(status: string): boolean {
  return status.startsWith('2');
}

function parameterChanges(
  was: HttpOperation,
  is: HttpOperation,
  name: string,
  schemas: SchemaComparison,
): string[] {
  const found: string[] = [];
  const after = is.parameters ?? [];
  const before = was.parameters ?? [];
  const same = (a: (typeof before)[number]) => (b: (typeof before)[number]) =>
    a.name === b.name && a.in === b.in;
  for (const one of before) {
    const now = after.find(same(one));
    const at = `${name}: ${one.in} ${one.name}`;
    if (now === undefined) found.push(`${at} is gone`);
    else found.push(...schemas.compare(one.schema, now.schema, 'in', at));
  }
  for (const one of after)
    if (one.required === true && before.find(same(one))?.required !== true)
      found.push(`${name}: ${one.in} ${one.name} is needed now`);
  return found;
}

function contentChanges(
  was: Content = {},
  is: Content = {},
  way: Way,
  at: string,
  schemas: SchemaComparison,
): string[] {
  return Object.entries(was).flatMap(([type, { schema = {} }]) => {
    const now = is[type];
    return now === undefined
      ? [`${at} is not ${type} any more`]
      : schemas.compare(schema, now.schema ?? {}, way, at);
  });
}

function socketChanges(was: AsyncApi, is: AsyncApi): string[] {
  const found: string[] = [];
  for (const [name, { address, 'x-close-codes': codes = {} }] of Object.entries(was.channels)) {
    const now = is.channels[name];
    if (now === undefined) found.push(`channel ${name} is gone`);
    else if (now.address !== address)
      found.push(`channel ${name} was at ${address} and is at ${now.address}`);
    for (const code of Object.keys(codes))
      if (now?.['x-close-codes']?.[code] === undefined) found.push(`close code ${code} is gone`);
  }
  const schemas = new SchemaComparison(was.components.schemas, is.components.schemas);
  for (const [name, before] of Object.entries(was.operations)) {
    const after = is.operations[name];
    if (after === undefined) found.push(`operation ${name} is gone`);
    else if (after.action !== before.action || after.channel.$ref !== before.channel.$ref)
      found.push(`operation ${name} is another one`);
    else {
      const way = before.action === 'receive' ? 'in' : 'out';
      found.push(...messageChanges(before.messages, after.messages, way, name));
      found.push(...messageChanges(before.reply?.messages, after.reply?.messages, 'out', name));
    }
  }
  return found;

  /** Messages more are no harm: what a client does not know by its `type` it skips. */
  function messageChanges(
    before: readonly Reference[] = [],
    after: readonly Reference[] = [],
    way: Way,
    operation: string,
  ): string[] {
    const names = new Set(after.map(nameOf));
    return before.map(nameOf).flatMap((name) => {
      const [one, other] = [was.components.messages[name], is.components.messages[name]];
      if (!names.has(name) || one === undefined || other === undefined)
        return [`${operation}: message ${name} is gone`];
      if (one.contentType !== other.contentType)
        return [`message ${name} was ${one.contentType} and is ${other.contentType}`];
      return schemas.compare(one.payload, other.payload, way, name);
    });
  }
}

function nameOf({ $ref }: Reference): string {
  return $ref.slice($ref.lastIndexOf('/') + 1);
}
