import { setTimeout as wait } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { makeCallId } from '@ringback/schemas';
import { Chance } from '../simulation/chance.ts';
import type { Faults } from './faults.ts';
import { damage, damageText, anyText } from './damage.ts';
import { limits } from './limits.ts';
import { Person } from './person.ts';
import { frame } from './raw-socket.ts';
import { fuzzRequests } from './requests.ts';
import { messageShapes, valueOf, type Json, type Meanings } from './shapes.ts';
import { tokenOf, type TenantName } from './target.ts';

export interface SceneOptions {
  readonly url: string;
  readonly seed: number;
  readonly scene: number;
  readonly faults: Faults;
  /** Told of messages sent, and of each reply's code. */
  readonly count: (messages: number, code?: string) => void;
}

/** A call of a tenant, with the words that nobody else may hear. */
interface Place {
  readonly tenant: TenantName;
  readonly callId: string;
  readonly secret: string;
  readonly people: readonly string[];
}

interface Role {
  readonly name: string;
  readonly own: Place;
  readonly other: Place;
  /** Who they are in their own call; absent: not in it, and not to be let in. */
  readonly participantId: string | undefined;
  readonly claims: Record<string, unknown>;
}

const all = { roomJoin: true, roomCreate: true, roomList: true };
/** These end what the others need: now and then only. */
const final: ReadonlySet<string> = new Set(['call.end', 'call.leave', 'call.remove', 'call.lock']);
/** What a gateway does not ask of anybody, whatever the call. */
const harmless: ReadonlySet<string> = new Set(['unwatch']);

/**
 * Two tenants with a call each. Their people say everything that can be said, to their own call and to the other
 * one; somebody of the first tenant has a token for a third call alone. Seed and number say what happens.
 */
export async function playScene(options: SceneOptions): Promise<void> {
  const { seed, scene, faults, url } = options;
  const chance = new Chance((seed * 7_919 + scene * 104_729) >>> 0);
  const [mine, theirs] = [
    await makePlace('default', options, chance),
    await makePlace('other', options, chance),
  ];
  const roles: Role[] = [
    ...[0, 1].map((n): Role => ({
      name: n === 0 ? 'host' : 'guest',
      own: mine,
      other: theirs,
      participantId: mine.people[n],
      claims: { sub: `${mine.secret}-${n === 0 ? 'host' : 'guest'}`, video: all },
    })),
    {
      name: 'host of the other tenant',
      own: theirs,
      other: mine,
      participantId: theirs.people[0],
      // As much as a tenant can give: it ends at the tenant.
      claims: { sub: `${theirs.secret}-host`, video: { ...all, roomAdmin: true } },
    },
    {
      name: 'holder of a token for another call',
      own: mine,
      other: theirs,
      participantId: undefined,
      claims: {
        sub: 'stranger',
        video: { roomJoin: true, roomAdmin: true, room: makeCallId(0, chance.ids.uuidV7(Date.now())) },
      },
    },
  ];
  const cast = await Promise.all(roles.map((role) => enter(role, options, chance.fork())));
  await Promise.all([
    ...cast.map(({ play }) => play()),
    fuzzRequests({ ...options, chance: chance.fork(), callIds: [mine.callId, theirs.callId] }),
  ]);
  // Each of these looks through megabytes.
  if (scene % limits.scenesPerReadBack === 0)
    for (const place of [mine, theirs])
      await readBack(place, place === mine ? theirs : mine, url, (what) =>
        faults.add(`scene ${scene}`, what),
      );
  for (const { person } of cast) person.end();
}

async function makePlace(tenant: TenantName, { url, scene }: SceneOptions, chance: Chance): Promise<Place> {
  const secret = `${tenant}${chance.int(1e9, 2e9)}`;
  const commandId = chance.ids.uuidV7(Date.now());
  const response = await fetch(`${url}/v1/calls`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokenOf(tenant, { sub: `${secret}-host`, video: all })}` },
    // Over soon after its people are gone, so that a long run holds no more calls than a short one.
    body: JSON.stringify({ commandId, name: secret, emptyTimeoutMs: 0, durationMsMax: 120_000 }),
  });
  const { callId } = (await response.json()) as { callId?: string };
  if (callId === undefined) throw new Error(`scene ${scene}: no call was made (${response.status})`);
  return { tenant, callId, secret, people: [chance.ids.uuid(), chance.ids.uuid()] };
}

async function enter(role: Role, options: SceneOptions, chance: Chance) {
  const { own, other, participantId } = role;
  const fault = (what: string) => options.faults.add(`scene ${options.scene}, ${role.name}`, what);
  const person = new Person({
    ...{ url: options.url, chance, fault, count: options.count },
    token: tokenOf(own.tenant, role.claims),
    forbidden: participantId === undefined ? [role.own.secret, other.secret] : [other.secret],
    calls: participantId === undefined ? [] : [own.callId],
  });
  const instanceId = chance.ids.uuid();
  const join = { participantId: participantId ?? '', instanceId, displayName: own.secret };
  const joinAgain = () => person.ask({ type: 'call.join', callId: own.callId, data: join });
  await person.connect();
  if (participantId !== undefined) {
    const joined = await joinAgain();
    if (joined?.ok !== true) fault(`could not join: ${JSON.stringify(joined)}`);
    person.onAgain = async () => void (await joinAgain());
  }
  return { person, play: () => play(role, person, chance, { join, fault }) };
}

async function play(
  role: Role,
  person: Person,
  chance: Chance,
  { join, fault }: { join: Record<string, Json>; fault: (what: string) => void },
): Promise<void> {
  for (let left = limits.messagesPerPerson; left > 0;) {
    const batch = Array.from({ length: Math.min(left, chance.int(1, limits.batchMax)) }, () =>
      messageOf(role, chance, join),
    );
    left -= batch.length;
    await person.say(batch);
    if (chance.is(0.1)) await askForOthers(role, person, chance, fault);
    if (chance.is(0.01)) await person.breakOff(brokenFrame(chance));
    if (chance.is(0.005)) await person.sayTooMuch('x'.repeat(chance.int(128 * 1024 + 1, 200_000)));
  }
  // What was said before must not be in its way.
  const last = await person.ask({ type: 'unwatch', callId: role.own.callId });
  if (last?.ok !== true) fault(`a good message is refused after all that: ${JSON.stringify(last)}`);
}

/** The form of a message of any type, mostly whole: what reaches the owner is worth most. */
function messageOf(role: Role, chance: Chance, join: Record<string, Json>): string | Uint8Array {
  const value = wellFormed(role, chance, chance.is(0.75) ? role.own.callId : role.other.callId, join);
  const how = chance.ids.random();
  if (how < 0.5) return JSON.stringify(value);
  if (how < 0.93) return JSON.stringify(damage(value, chance));
  if (how < 0.98) return damageText(JSON.stringify(value), chance);
  return Buffer.from(anyText(chance) || '{}');
}

function wellFormed(
  role: Role,
  chance: Chance,
  callId: string,
  join?: Record<string, Json>,
): Record<string, Json> {
  const types = [...messageShapes.keys()];
  let type = chance.of(types);
  if (final.has(type) && !chance.is(0.1)) type = chance.of(types.filter((t) => !final.has(t)));
  const value = valueOf(messageShapes.get(type)!, chance, meaningsOf(role, chance, callId)) as Record<
    string,
    Json
  >;
  // Tokens that are good: one's own, and that of somebody elsewhere, which must not make one them.
  if (type === 'token.renew' && chance.is(0.5)) {
    const { own, other } = role;
    const theirs = { sub: `${other.secret}-host`, video: all };
    value.token = chance.is(0.5) ? tokenOf(own.tenant, role.claims) : tokenOf(other.tenant, theirs);
  }
  if (type === 'call.join' && join !== undefined && role.participantId !== undefined && chance.is(0.9))
    value.data = { ...(value.data as Record<string, Json>), ...join };
  return value;
}

function meaningsOf({ own, other, participantId }: Role, chance: Chance, callId: string): Meanings {
  const people = [...own.people, ...other.people];
  return {
    named: {
      CallId: () => callId,
      ParticipantId: () => chance.of(people),
      Uuid: () => chance.of([...people, chance.ids.uuid()]),
      TrackId: () => chance.of(['t0', 't1', 't2', 't3']),
      CommandId: () => chance.ids.uuid(),
    },
    // Whoever is nobody here has no words of their own that somebody could hear.
    text: () =>
      `${participantId === undefined ? 'stranger' : own.secret} ${chance.is(0.3) ? anyText(chance) : ''}`,
  };
}

/** A call of others is what a call that never was is: each word of the reply the same. */
async function askForOthers(role: Role, person: Person, chance: Chance, fault: (what: string) => void) {
  const message = wellFormed(role, chance, role.other.callId);
  const { type } = message;
  if (typeof type !== 'string' || type === 'connect') return;
  const nowhere = makeCallId(Number(role.other.callId.slice(0, 2)), chance.ids.uuidV7(Date.now()));
  const ask = (callId: string) => {
    const { id: _, ...rest } = message;
    return person.ask({ ...rest, callId });
  };
  const [there, none] = [await ask(role.other.callId), await ask(nowhere)];
  if (there?.ok === true && !harmless.has(type)) fault(`did ${type} to a call of another tenant`);
  const [a, b] = [there?.error, none?.error].map((error) => JSON.stringify(error));
  if (a !== b) fault(`can tell a call of another tenant from none by ${type}: ${a} and ${b}`);
}

/** Unknown opcodes, reserved bits, packed text, lengths that lie, text that is none, ends without a beginning, control frames that are too long. */
function brokenFrame(chance: Chance): Uint8Array {
  return chance.of([
    () => frame(3, Buffer.from('{}')),
    () => frame(1, Buffer.from('{}'), 0xf1),
    () => frame(1, deflateRawSync('{}'), 0xc1),
    () => frame(0, Buffer.from('{}')),
    () => Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    () => frame(1, Buffer.from([0xff, 0xfe, 0xc3, 0x28])),
    () => frame(9, Buffer.alloc(126)),
  ])();
}

/** What the host of one call can read over HTTP: nothing of the other's is in it. */
async function readBack(
  place: Place,
  other: Place,
  url: string,
  fault: (what: string) => void,
): Promise<void> {
  const token = tokenOf(place.tenant, { sub: `${place.secret}-host`, video: { ...all, roomAdmin: true } });
  const read = async (path: string) => {
    for (;;) {
      const response = await fetch(`${url}/v1/calls/${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const text = await response.text();
      // Only some may look through the telemetry at a time: who is turned away comes again.
      if (response.status !== 503) return { status: response.status, text };
      await wait(limits.againMs);
    }
  };
  for (const path of ['', '/events', '/telemetry?samples=true']) {
    const own = await read(`${place.callId}${path}`);
    if (own.status !== 200)
      fault(`${path}: the host can not read the call: ${own.status} ${own.text.slice(0, 300)}`);
    const at = own.text.indexOf(other.secret);
    if (at >= 0)
      fault(`${path}: has what is another tenant's: ${own.text.slice(Math.max(0, at - 500), at + 100)}`);
    const theirs = await read(`${other.callId}${path}`);
    if (theirs.status !== 404)
      fault(`${path}: reads another tenant's call: ${theirs.status} ${theirs.text.slice(0, 300)}`);
  }
}
