import { callEvents } from '../call/events.ts';
import { clientMessages, closeCodes, serverMessages } from '../edge/messages.ts';
import { subjects } from '../subjects.ts';
import { exampleEvent, messageExamples } from './examples.ts';
import { Components, type JsonSchema } from './json-schema.ts';
import { sorted } from './openapi.ts';

interface Message {
  name: string;
  title: string;
  summary?: string | undefined;
  contentType: string;
  payload: JsonSchema;
  examples?: unknown[];
}

/** AsyncAPI 3.0 of the WebSocket and of the tap on NATS, seen from the platform: it receives what clients send. */
export function asyncApiDocument(version: string): Record<string, unknown> {
  const components = new Components('draft-7');
  const fromClients = clientMessages.map((schema) => message(schema, components));
  const fromPlatform = serverMessages.map((schema) => message(schema, components));
  const facts = callEvents.map((definition) => factMessage(definition, components));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Ringback WebSocket API and event tap',
      version,
      description: socketRules,
      license: { name: 'Apache 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: servers(),
    channels: {
      socket: {
        address: '/v1/ws',
        title: 'The WebSocket',
        description: socketRules,
        servers: [{ $ref: '#/servers/gateway' }],
        'x-close-codes': Object.fromEntries(
          Object.values(closeCodes).map(({ code, reason }) => [code, reason]),
        ),
        messages: references([...fromClients, ...fromPlatform]),
      },
      tap: {
        address: subjects.tap('{callId}', '{type}'),
        title: 'Events of a call on NATS',
        description: `Each event, once it is stored, as one CloudEvent in JSON. {type} is the event's type without its first word: ${subjects.tap('<callId>', 'call.participant.joined')}. Subscribe to ${subjects.tapOf('<callId>')} for a whole call. Nothing is replayed: who needs what was before reads the log.`,
        servers: [{ $ref: '#/servers/nats' }],
        parameters: {
          callId: { description: 'The call.' },
          type: { description: "The event's type without `call.`.", examples: ['participant.joined'] },
        },
        messages: references(facts),
      },
    },
    operations: operations(fromClients, fromPlatform, facts),
    components: {
      messages: Object.fromEntries([...fromClients, ...fromPlatform, ...facts].map((m) => [m.name, m])),
      schemas: sorted(components.schemas),
    },
  };
}

const socketRules = [
  'A client sends one JSON object a text frame. The platform sends one JSON **array** of messages a text frame: everything that is due at that moment, in order.',
  'The first message is `connect`; every message has an `id` made by the client, and `reply` names it (of a `follow` or `away` that succeeds, `presence`). The same id sent again has one effect and the same reply.',
  'Events of a call come in order. Each names in `after` the sequence that was delivered before it: where that is not the last one received, something is missing; join or watch again with `after`.',
  `Close codes: 4000-4099 do not come back, 4100-4199 come back after a pause, 4200-4299 come back now. ${Object.values(
    closeCodes,
  )
    .map(({ code, reason }) => `${code}: ${reason}`)
    .join(' ')}`,
].join('\n\n');

function servers() {
  return {
    gateway: {
      host: '{host}',
      protocol: 'ws',
      description: 'An edge gateway, or the proxy in front of them (there: wss).',
      variables: { host: { default: 'localhost:8080' } },
    },
    nats: {
      host: '{natsHost}',
      protocol: 'nats',
      description:
        "The platform's nats-server; `ringback doctor` prints its address and the viewer's credentials.",
      variables: { natsHost: { default: 'localhost:4222' } },
    },
  };
}

function message(
  schema: (typeof clientMessages)[number] | (typeof serverMessages)[number],
  components: Components,
): Message {
  const { id = '', description } = schema.meta() ?? {};
  return {
    name: id,
    title: id,
    summary: description,
    contentType: 'application/json',
    payload: components.add(schema),
    examples: [{ payload: messageExamples[id as keyof typeof messageExamples] }],
  };
}

function factMessage(definition: (typeof callEvents)[number], components: Components): Message {
  return {
    name: definition.type,
    title: definition.type,
    summary: definition.summary,
    contentType: 'application/cloudevents+json',
    payload: components.add(definition.schema),
    ...(definition.type === exampleEvent.type ? { examples: [{ payload: exampleEvent }] } : {}),
  };
}

function references(messages: Message[]) {
  return Object.fromEntries(messages.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }]));
}

/** What is answered with something else than `reply` where it succeeds. */
const answers: Readonly<Record<string, string>> = {
  connect: 'connected',
  'token.renew': 'token.renewed',
  follow: 'presence',
  away: 'presence',
};

function operations(fromClients: Message[], fromPlatform: Message[], facts: Message[]) {
  const socket = { $ref: '#/channels/socket' };
  const ofSocket = (name: string) => ({ $ref: `#/channels/socket/messages/${name}` });
  const requests = fromClients.map(({ name, summary }) => [
    `receive.${name}`,
    {
      action: 'receive',
      channel: socket,
      summary,
      messages: [ofSocket(name)],
      reply: {
        channel: socket,
        messages: [...(answers[name] === undefined ? [] : [ofSocket(answers[name])]), ofSocket('reply')],
      },
    },
  ]);
  const onlyAnswers = new Set(['connected', 'token.renewed', 'reply']);
  return {
    ...Object.fromEntries(requests),
    feed: {
      action: 'send',
      channel: socket,
      summary:
        'What happens in the calls that a client joined or watches, whether the people it follows are there, what it is told, and the end of the socket.',
      messages: fromPlatform.filter(({ name }) => !onlyAnswers.has(name)).map(({ name }) => ofSocket(name)),
    },
    tap: {
      action: 'send',
      channel: { $ref: '#/channels/tap' },
      summary: 'Every event of every call, as it is stored.',
      messages: facts.map(({ name }) => ({ $ref: `#/channels/tap/messages/${name}` })),
    },
  };
}
