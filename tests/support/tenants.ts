import { randomUUID } from 'node:crypto';
import {
  subjects,
  timeOfCallId,
  type CallSummary,
  type ServerMessage,
  type ViewAnswer,
  type ViewQuestion,
} from '@ringback/schemas';
import { damage } from '../fuzz/damage.ts';
import { messageShapes, valueOf, type Json, type Meanings } from '../fuzz/shapes.ts';
import { Chance } from '../simulation/chance.ts';
import type { InProcessPlatform } from './in-process-platform.ts';
import { joinAs, type WsClient } from './ws-client.ts';
import { waitFor } from './wait-for.ts';

type TenantName = 'default' | 'other';

/** A call with words in all that is said in it, which nobody outside may ever read. */
interface Place {
  readonly tenant: TenantName;
  readonly callId: string;
  readonly marker: string;
  /** Of those who are in it. */
  readonly people: string[];
  readonly users: string[];
}

/** Somebody with a socket, who may know some places and no others. */
interface Witness {
  readonly name: string;
  readonly tenant: TenantName;
  readonly userId: string;
  readonly token: string;
  readonly client: WsClient;
  /** Whose events and words may reach them. */
  readonly knows: readonly Place[];
  /** What they put into whatever they say. */
  readonly marker: string;
  readonly participantId: string | undefined;
  /** Joins what they have no right to as well: it must be refused. */
  readonly triesToJoin: boolean;
}

const tenants: readonly TenantName[] = ['default', 'other'];
const all = { roomJoin: true, roomCreate: true, roomList: true };
/** These end what the others need. */
const final: ReadonlySet<string> = new Set(['call.end', 'call.leave', 'call.remove', 'call.lock', 'connect']);

/**
 * Two tenants with two calls each. In each call a host and a guest; of each tenant an administrator, somebody who is in no
 * call, and the holder of a token for the first call alone. All of them say whatever can be said, of every call, and
 * read whatever can be read.
 *
 * @returns what reached somebody whom it should not have; none where nothing leaks.
 */
export async function leaksOf(
  platform: InProcessPlatform,
  seed: number,
  messagesEach: number,
): Promise<string[]> {
  const chance = new Chance(seed);
  const places: Place[] = [];
  for (const tenant of tenants)
    for (const n of [1, 2]) places.push(await makePlace(platform, tenant, n, chance));
  const witnesses: Witness[] = [];
  for (const tenant of tenants) witnesses.push(...(await peopleOf(platform, tenant, places, chance)));
  listsOf(places, platform);
  const leaks: string[] = [];
  for (const witness of witnesses) await say(witness, places, chance, messagesEach);
  for (const witness of witnesses) {
    leaks.push(...leaksTo(witness, places));
    leaks.push(...(await leaksInAnswersTo(witness, places, platform)));
    witness.client.close();
  }
  return leaks;
}

/** A word of letters alone: nothing else that is said holds it by chance. */
function markerOf(chance: Chance): string {
  return `mark${Array.from({ length: 12 }, () => String.fromCharCode(97 + chance.int(0, 25))).join('')}`;
}

async function makePlace(
  platform: InProcessPlatform,
  tenant: TenantName,
  n: number,
  chance: Chance,
): Promise<Place> {
  const marker = markerOf(chance);
  const callId = await platform.createCall(platform.token(hostOf(tenant, n), tenant), { name: marker });
  return { tenant, callId, marker, people: [], users: [] };
}

const hostOf = (tenant: TenantName, n: number) => `${tenant}-host-${n}`;

async function peopleOf(
  platform: InProcessPlatform,
  tenant: TenantName,
  places: readonly Place[],
  chance: Chance,
): Promise<Witness[]> {
  const own = places.filter((place) => place.tenant === tenant);
  const witness = async (
    userId: string,
    grants: object,
    knows: readonly Place[],
    place?: Place,
    triesToJoin = false,
  ): Promise<Witness> => {
    const token = platform.token(userId, tenant, { ...all, ...grants });
    const client = await platform.client(token);
    const participantId = place === undefined ? undefined : randomUUID();
    const marker = place?.marker ?? markerOf(chance);
    if (place !== undefined && participantId !== undefined) {
      const reply = await client.ask(joinAs(place.callId, participantId, `${userId} ${marker}`));
      if (!reply.ok) throw new Error(`${userId} could not join: ${reply.error.code}`);
      place.people.push(participantId);
      place.users.push(userId);
    }
    return { name: userId, tenant, userId, token, client, knows, marker, participantId, triesToJoin };
  };
  const people: Witness[] = [];
  for (const [index, place] of own.entries())
    for (const userId of [hostOf(tenant, index + 1), `${tenant}-guest-${index + 1}`])
      people.push(await witness(userId, {}, [place], place));
  const [first] = own;
  people.push(
    await witness(`${tenant}-admin`, { roomAdmin: true }, own),
    await witness(`${tenant}-stranger`, {}, []),
    await witness(`${tenant}-holder`, { room: first!.callId }, [first!], first, true),
  );
  return people;
}

/** Stands in for the views, whose own tests show what they list: here it is seen for whom a gateway asks. */
function listsOf(places: readonly Place[], platform: InProcessPlatform): void {
  platform.bus.subscribe(subjects.viewQuestions, (message, _, reply) => {
    const question = message as Extract<ViewQuestion, { ask: 'calls' }>;
    const asked = places.filter(
      ({ tenant, callId, users }) =>
        (question.tenantId ?? tenant) === tenant &&
        (question.callId ?? callId) === callId &&
        (question.userId === undefined || users.includes(question.userId)),
    );
    const calls = asked.map(({ callId, marker, users }): CallSummary => ({
      ...{ callId, status: 'open', name: marker, createdBy: users[0]!, createdAt: timeOfCallId(callId) },
      ...{ people: users.map((user) => `${user} ${marker}`), participantsNow: users.length, seq: 1 },
    }));
    reply({ ok: true, calls, more: false, stale: false } satisfies ViewAnswer);
  });
}

/** Messages of all types about all calls, whole and damaged; settles when each is answered. */
async function say(witness: Witness, places: readonly Place[], chance: Chance, count: number): Promise<void> {
  const { client } = witness;
  // Each message has one answer; some that succeed have one of their own in place of a reply.
  const answers = () =>
    client.of('reply').length +
    client.of('token.renewed').length +
    client.of('presence').filter(({ id }) => id !== undefined).length;
  const before = answers();
  for (let n = 0; n < count; n++) {
    const message = messageOf(witness, places, chance);
    const damaged = chance.is(0.4) ? damage(message, chance) : message;
    const isObject = typeof damaged === 'object' && damaged !== null && !Array.isArray(damaged);
    client.sendRaw(JSON.stringify(isObject ? damaged : message));
  }
  await waitFor(() => answers() >= before + count, `the replies to ${witness.name}`);
}

function messageOf(witness: Witness, places: readonly Place[], chance: Chance): Json {
  const { knows, tenant, triesToJoin, marker, participantId } = witness;
  // Whoever knows a call's id may join it if it is of their tenant: no leak, and not what is looked for here.
  const isIn = (place: Place) => participantId !== undefined && knows.includes(place);
  const mayTry = (place: Place) => triesToJoin || isIn(place) || place.tenant !== tenant;
  const place = chance.of(places);
  const types = [...messageShapes.keys()].filter(
    (type) => !final.has(type) && (type !== 'call.join' || mayTry(place)),
  );
  const known = knows.flatMap(({ people }) => people);
  const meanings: Meanings = {
    named: {
      CallId: () => place.callId,
      // Of others nobody knows who they are.
      ParticipantId: () => chance.of([...known, randomUUID()]),
      Uuid: () => chance.of([...known, randomUUID()]),
      TrackId: () => `${marker}-${chance.int(0, 2)}`,
      CommandId: () => chance.ids.uuid(),
    },
    text: () => `${marker} ${chance.int(0, 9)}`,
  };
  // By watching most would be had, by those who are in no call above all.
  const type = chance.is(participantId === undefined ? 0.4 : 0.1) ? 'watch' : chance.of(types);
  const value = valueOf(messageShapes.get(type)!, chance, meanings) as { [name: string]: Json };
  // As themselves, so that most of it is done.
  if (value.type === 'call.join' && participantId !== undefined)
    Object.assign(value.data as object, { participantId, instanceId: participantId });
  return value;
}

/** What came by the socket. */
function leaksTo(witness: Witness, places: readonly Place[]): string[] {
  const leaks: string[] = [];
  for (const message of witness.client.heard)
    for (const what of foreignIn(message, witness, places))
      leaks.push(`${witness.name} heard ${what}: ${JSON.stringify(message).slice(0, 300)}`);
  return leaks;
}

function foreignIn(message: ServerMessage, { knows, marker }: Witness, places: readonly Place[]): string[] {
  const text = JSON.stringify(message);
  const found: string[] = [];
  for (const place of places) {
    if (knows.includes(place)) continue;
    if (place.marker !== marker && text.includes(place.marker)) found.push(`the words of ${place.callId}`);
    // A reply names the call that was asked for.
    if (message.type !== 'reply' && text.includes(place.callId)) found.push(`of ${place.callId}`);
    if (place.people.some((id) => text.includes(id))) found.push(`who is in ${place.callId}`);
  }
  return found;
}

/** What can be read over HTTP, of one's own calls and of others'. */
async function leaksInAnswersTo(
  witness: Witness,
  places: readonly Place[],
  platform: InProcessPlatform,
): Promise<string[]> {
  const leaks: string[] = [];
  const read = async (path: string) => {
    const headers = { authorization: `Bearer ${witness.token}` };
    const response = await fetch(`${platform.url}/v1/${path}`, { headers });
    return { status: response.status, text: await response.text() };
  };
  const foreign = places.filter((place) => !witness.knows.includes(place));
  for (const path of ['calls', 'ice-servers', ...places.flatMap(({ callId }) => pathsOf(callId))]) {
    const { status, text } = await read(path);
    if (path === 'calls' && status !== 200) leaks.push(`${witness.name} could not read a list: ${status}`);
    const ofForeign = foreign.find(({ callId }) => path.includes(callId));
    if (ofForeign !== undefined && status !== 403 && status !== 404)
      leaks.push(`${witness.name} read ${path}: ${status}`);
    for (const { marker, callId, people } of foreign)
      if (
        text.includes(marker) ||
        people.some((id) => text.includes(id)) ||
        (callId !== ofForeign?.callId && text.includes(callId))
      )
        leaks.push(`${witness.name} read of ${callId} in ${path}: ${text.slice(0, 300)}`);
  }
  return leaks;
}

const pathsOf = (callId: string) => [
  `calls/${callId}`,
  `calls/${callId}/events`,
  `calls/${callId}/telemetry?samples=true`,
];
