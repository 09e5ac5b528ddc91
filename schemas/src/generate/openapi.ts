import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import { httpOperations, problemSchema, type HttpOperation, type Problem } from '../edge/http.ts';
import { callIdSchema, userIdSchema } from '../ids.ts';
import { rejections, type RejectionCode } from '../rejections.ts';
import { httpExamples } from './examples.ts';
import { Components, type JsonSchema } from './json-schema.ts';

/** OpenAPI 3.1 of the HTTP API, from the list that the gateway serves. */
export function openApiDocument(version: string): Record<string, unknown> {
  const components = new Components('draft-2020-12');
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, operation] of Object.entries(httpOperations) as [
    keyof typeof httpOperations,
    HttpOperation,
  ][])
    (paths[operation.path] ??= {})[operation.method] = describe(operationId, operation, components);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ringback HTTP API',
      version,
      description:
        'Make calls, list them, read their state and their events. What happens in a call goes over the WebSocket: see /asyncapi.json.',
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'guests', description: 'People without an account.' },
      { name: 'calls', description: 'Calls, and what happened in them.' },
      { name: 'ice-servers', description: 'How browsers find a way to each other.' },
      { name: 'connect', description: 'Which gateway to come to.' },
      { name: 'presence', description: 'Who is online, away, in a call.' },
      { name: 'users', description: 'Messages to users, on all their devices.' },
    ],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: sorted(components.schemas),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A join token; guests get one from POST /v1/guests.',
        },
      },
    },
  };
}

function describe(
  operationId: keyof typeof httpOperations,
  operation: HttpOperation,
  components: Components,
) {
  const example = httpExamples[operationId];
  const parameters = [...pathParameters(operation, components), ...queryParameters(operation, components)];
  return {
    operationId,
    tags: [operation.path.split('/')[2]],
    summary: operation.summary,
    ...(operation.auth ? {} : { security: [] }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(operation.body
      ? {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: components.add(operation.body, 'input'), example: example.body },
            },
          },
        }
      : {}),
    responses: {
      [operation.status]: {
        description: STATUS_CODES[operation.status],
        content: {
          'application/json': { schema: components.add(operation.response), example: example.response },
        },
      },
      ...errorResponses(operation, components),
    },
  };
}

function pathParameters(operation: HttpOperation, components: Components) {
  const schemas: Record<string, z.ZodType> = { callId: callIdSchema, userId: userIdSchema };
  return [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const schema = schemas[name];
    if (!schema) throw new Error(`${operation.path}: no schema for {${name}}`);
    return { name, in: 'path', required: true, schema: components.add(schema) };
  });
}

/** As in `output`, since `input` of a coerced number is anything; what has a default may be left out. */
function queryParameters(operation: HttpOperation, components: Components) {
  if (!operation.query) return [];
  const { properties = {}, required = [] } = components.add(operation.query);
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name) && schema.default === undefined,
    description,
    schema,
  }));
}

/** One response a status; its examples are the codes that have it. */
function errorResponses(operation: HttpOperation, components: Components) {
  const codesByStatus = Map.groupBy(operation.errors as RejectionCode[], (code) => rejections[code].status);
  const schema: JsonSchema = components.add(problemSchema);
  return Object.fromEntries(
    [...codesByStatus]
      .toSorted(([a], [b]) => a - b)
      .map(([status, codes]) => [
        status,
        {
          description: `${STATUS_CODES[status]}: ${codes.join(', ')}`,
          content: {
            'application/problem+json': {
              schema,
              examples: Object.fromEntries(codes.map((code) => [code, { value: problemExample(code) }])),
            },
          },
        },
      ]),
  );
}

export function problemExample(code: RejectionCode): Problem {
  const { status, message } = rejections[code];
  return { type: `/docs#${code}`, title: STATUS_CODES[status] ?? '', status, detail: message, code };
}

/** By name, so that a new operation does not move the others. */
export function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
