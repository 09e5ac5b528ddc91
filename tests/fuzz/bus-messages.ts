import {
  busForms,
  callEventSchema,
  commandSchema,
  subjects,
  telemetryEvents,
  timeOfMs,
} from '@ringback/schemas';
import type { Chance } from '../simulation/chance.ts';
import { damage, damageText } from './damage.ts';
import { schemaOf, valueOf, type Json, type Meanings } from './shapes.ts';

/** What a part of the platform knows that has gone wrong, or fallen to somebody. */
export interface Insider {
  readonly chance: Chance;
  /** Calls that there are, of all partitions. */
  readonly callIds: readonly string[];
  readonly people: readonly string[];
  /** By partition: of its owner now. */
  readonly epochs: readonly number[];
  /** The gateway and the worker that the others take for one of theirs. */
  readonly gateway: string;
  readonly worker: string;
  /** Of the last link that it began. */
  link: number;
}

type Fields = Record<string, Json>;

const shapes = {
  batch: schemaOf(busForms.batch),
  feed: schemaOf(busForms.feed),
  beat: schemaOf(busForms.beat),
  workerBeat: schemaOf(busForms.workerBeat),
  workerQuestion: schemaOf(busForms.workerQuestion),
  question: schemaOf(busForms.question),
  command: schemaOf(commandSchema),
  event: schemaOf(callEventSchema),
};
const telemetryShapes = telemetryEvents.map(schemaOf);
/** Names that nobody has, so that none of those who have one is taken for dead. */
const strangers = ['fuzz-1', 'fuzz-2'];

/** One message on a subject that gateways or workers write to: whole, damaged, or no JSON at all. */
export function busMessage(insider: Insider): { subject: string; payload: string | Uint8Array } {
  const { chance } = insider;
  const { subject, value } = chance.of(makers)(insider, meaningsOf(insider));
  const how = chance.ids.random();
  if (how < 0.45) return { subject, payload: JSON.stringify(value) };
  if (how < 0.9) return { subject, payload: JSON.stringify(believable(damage(value, chance), insider)) };
  if (how < 0.97) return { subject, payload: damageText(JSON.stringify(value), chance) };
  return {
    subject,
    payload: Buffer.from(Array.from({ length: chance.int(0, 40) }, () => chance.int(0, 255))),
  };
}

/**
 * What an owner of a later epoch says is believed: whoever has the password of the calls worker can make all others deaf to the real
 * one, and no form of a message tells the two apart.
 */
function believable(value: Json, { epochs }: Insider): Json {
  const { epoch } = (value ?? {}) as Fields;
  if (typeof epoch === 'number' && epoch > Math.min(...epochs)) (value as Fields).epoch = 0;
  return value;
}

function meaningsOf({ chance, callIds, people }: Insider): Meanings {
  return {
    named: {
      CallId: () => chance.of(callIds),
      ParticipantId: () => chance.of(people),
      Uuid: () => chance.of([...people, chance.ids.uuid()]),
      CommandId: () => chance.ids.uuid(),
      TrackId: () => chance.of(['t0', 't1']),
      TenantId: () => chance.of(['default', 'other']),
      UserId: () => chance.of(['host', 'guest', 'fuzz']),
      Time: () => timeOfMs(Date.now()),
    },
    text: () => chance.of(['fuzz', '', 'x'.repeat(60)]),
  };
}

type Maker = (insider: Insider, meanings: Meanings) => { subject: string; value: Json };

const partitionIn = ({ chance, epochs }: Insider) => chance.int(0, epochs.length - 1);
const some = (chance: Chance, max: number, make: () => Json): Json[] =>
  Array.from({ length: chance.int(0, max) }, make);

const commands: Maker = (insider, meanings) => {
  const { chance } = insider;
  const value = valueOf(shapes.batch, chance, meanings) as Fields;
  value.gateway = chance.of(chance.is(0.05) ? [insider.gateway] : strangers);
  if (chance.is(0.8)) {
    insider.link += 1;
    Object.assign(value, { link: insider.link, batch: 0 });
  }
  value.commands = some(chance, 4, () => ({
    ref: chance.int(0, 1e6),
    command: withOwn(valueOf(shapes.command, chance, meanings) as Fields, chance),
  }));
  return { subject: subjects.commands(partitionIn(insider)), value };
};

/** Of a person of the call, more often than chance would have it. */
function withOwn(command: Fields, chance: Chance): Fields {
  if (chance.is(0.5)) command.tenantId = 'default';
  if (chance.is(0.3)) command.actor = { kind: 'user', userId: 'host', guest: false, admin: true };
  return command;
}

const feed: Maker = (insider, meanings) => {
  const { chance, epochs, gateway } = insider;
  const partition = partitionIn(insider);
  const value = valueOf(shapes.feed, chance, meanings) as Fields;
  Object.assign(value, { partition, epoch: chance.of([0, epochs[partition]!]) });
  value.replies = some(chance, 3, () => replyOf(insider));
  value.events = some(chance, 3, () => valueOf(shapes.event, chance, meanings));
  return { subject: subjects.feed(gateway), value };
};

function replyOf({ chance, callIds }: Insider): Fields {
  const about = { ref: chance.int(0, 9), callId: chance.of(callIds) };
  return chance.is(0.5)
    ? { ...about, ok: true, seq: chance.int(0, 9) }
    : { ...about, ok: false, error: { code: 'overloaded', message: 'fuzz' } };
}

const heads: Maker = (insider) => {
  const { chance, epochs, callIds } = insider;
  const partition = partitionIn(insider);
  const named = Array.from({ length: chance.int(0, 5) }, () => [chance.of(callIds), chance.int(0, 9)]);
  const epoch = chance.of([0, epochs[partition]!]);
  const value = { partition, epoch, owner: 'fuzz-1/x', heads: Object.fromEntries(named) };
  return { subject: subjects.heads(partition), value };
};

const beats: Maker = (insider, meanings) => {
  const { chance } = insider;
  const value = valueOf(shapes.beat, chance, meanings) as Fields;
  const gateway = chance.is(0.05) ? insider.gateway : chance.of(strangers);
  return { subject: subjects.beat(gateway), value: { ...value, gateway } };
};

const workerBeats: Maker = ({ chance }, meanings) => {
  const worker = chance.of(strangers);
  const value = valueOf(shapes.workerBeat, chance, meanings) as Fields;
  return { subject: subjects.workerBeat(worker), value: { ...value, worker } };
};

const handOvers: Maker = ({ chance, worker }, meanings) => ({
  subject: subjects.handOver(worker),
  value: valueOf(shapes.workerQuestion, chance, meanings),
});

const questions: Maker = (insider, meanings) => ({
  subject: subjects.questions(partitionIn(insider)),
  value: valueOf(shapes.question, insider.chance, meanings),
});

const telemetry: Maker = (insider, meanings) => {
  const { chance } = insider;
  const value = some(chance, 3, () => valueOf(chance.of(telemetryShapes), chance, meanings));
  return { subject: subjects.telemetry(partitionIn(insider)), value };
};

const makers: readonly Maker[] = [
  ...[commands, commands, commands, feed, feed, heads],
  ...[beats, workerBeats, handOvers, questions, questions, telemetry],
];
