import { z } from 'zod';
import { clientCommandTypes } from '../call/commands.ts';
import { callEventSchema } from '../call/events.ts';
import { layersSchema, routeKindSchema, routeReasonSchema } from '../call/media.ts';
import { capabilitiesSchema, trackSchema, trackSourceSchema } from '../call/values.ts';
import { callSummarySchema, callViewSchema, participantViewSchema } from '../call/view.ts';
import { telemetryPageSchema } from '../edge/http.ts';
import { clientMessages, iceServerSchema } from '../edge/messages.ts';
import { presenceSchema, userMessageSchema, userPresenceSchema } from '../edge/people.ts';
import { rejectionCodeSchema, rejectionSchema } from '../rejections.ts';
import { telemetryEvents } from '../telemetry.ts';
import { Components, idOf, type JsonSchema } from './json-schema.ts';

const commandTypes: ReadonlySet<string> = new Set(clientCommandTypes);
const union = (schemas: readonly z.ZodType[]) => z.union(schemas as [z.ZodType, z.ZodType]);

/** What the SDK shows of the contract, under the names that the sources have for it. */
const exported: Record<string, z.ZodType> = {
  CallEvent: callEventSchema,
  CallSummary: callSummarySchema,
  CallView: callViewSchema,
  Capabilities: capabilitiesSchema,
  CommandMessage: union(clientMessages.filter((message) => commandTypes.has(message.shape.type.value))),
  IceServer: iceServerSchema,
  Layers: layersSchema,
  ParticipantView: participantViewSchema,
  Presence: presenceSchema,
  Rejection: rejectionSchema,
  RejectionCode: rejectionCodeSchema,
  RouteKind: routeKindSchema,
  RouteReason: routeReasonSchema,
  TelemetryEvent: union(telemetryEvents),
  TelemetryPage: telemetryPageSchema,
  TrackDescription: trackSchema,
  TrackSource: trackSourceSchema,
  UserMessage: userMessageSchema,
  UserPresence: userPresenceSchema,
};
export const exportedNames: readonly string[] = [...Object.keys(exported), 'ClientCommandType'];

/**
 * The contract as plain TypeScript declarations, for who has no zod: the declarations of the packed SDK stand on them.
 *
 * @throws Error where two schemas would have one name.
 */
export function contractTypes(): string {
  const components = new Components('draft-2020-12');
  const roots = Object.entries(exported).map(([name, schema]) => [name, components.add(schema)] as const);
  const names = new Map(Object.keys(components.schemas).map((id) => [id, pascalCase(id)]));
  for (const [name, json] of roots) {
    const id = idOf(json);
    if (id !== undefined) names.set(id, name);
  }
  const inline = roots.filter(([, json]) => idOf(json) === undefined);
  const all = [...names.values(), ...inline.map(([name]) => name)];
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two types would have the name ${twice}`);
  return [
    '/** The contract as plain types. Generated from schemas/src: change it there. */',
    ...Object.entries(components.schemas).map(([id, json]) => declaration(names.get(id)!, json, names)),
    ...inline.map(([name, json]) => declaration(name, json, names)),
    "export type ClientCommandType = CommandMessage['type'];",
    '',
  ].join('\n\n');
}

type Names = ReadonlyMap<string, string>;

/** `call.track.published` → `CallTrackPublished`. */
function pascalCase(id: string): string {
  return id
    .split(/[.-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function declaration(name: string, json: JsonSchema, names: Names): string {
  const { description, ...rest } = json;
  const type = typeOf(rest, names);
  return `${comment(description)}export type ${name} = ${type};`;
}

function typeOf(json: JsonSchema, names: Names): string {
  const id = idOf(json);
  if (id !== undefined) return names.get(id)!;
  if (json.const !== undefined) return JSON.stringify(json.const);
  if (json.enum !== undefined) return json.enum.map((value) => JSON.stringify(value)).join(' | ');
  const either = json.oneOf ?? json.anyOf;
  if (either !== undefined) return either.map((one) => typeOf(one, names)).join(' | ');
  const types = [json.type ?? []].flat();
  if (types.length !== 1)
    return types.map((type) => typeOf({ ...json, type }, names)).join(' | ') || 'unknown';
  switch (types[0]) {
    case 'integer':
      return 'number';
    case 'array':
      return `Array<${typeOf(json.items ?? {}, names)}>`;
    case 'object':
      return objectType(json, names);
    default:
      // string, number, boolean, null: the same words.
      return types[0]!;
  }
}

function objectType(
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  names: Names,
): string {
  if (typeof additionalProperties === 'object')
    return `Record<string, ${typeOf(additionalProperties, names)}>`;
  // `{}` would take anything.
  if (Object.keys(properties).length === 0) return 'Record<string, never>';
  const members = Object.entries(properties).map(([key, member]) => {
    const type = typeOf(member, names);
    const isThere = required.includes(key);
    return `${comment(member.description)}${JSON.stringify(key)}${isThere ? '' : '?'}: ${type}${isThere ? '' : ' | undefined'};`;
  });
  return `{\n${members.join('\n')}\n}`;
}

function comment(text: string | undefined): string {
  return text === undefined ? '' : `/** ${text.replaceAll('*/', '* /')} */\n`;
}
