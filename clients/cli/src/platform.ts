import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectLog, type EventLog } from '@ringback/eventlog';
import { connectNats, NatsBus, NoAnswer } from '@ringback/runtime';
import {
  answerSchema,
  subjects,
  viewAnswerSchema,
  type Answer,
  type Question,
  type ViewAnswer,
  type ViewOrder,
  type ViewQuestion,
} from '@ringback/schemas';
import { z } from 'zod';
import { textOf, type Arguments } from './arguments.ts';
import { Failure, reasonOf } from './failure.ts';
import { limits } from './limits.ts';

/** A running platform, as the user `viewer` sees it: everything may be read, nothing written. */
export interface Platform extends AsyncDisposable {
  readonly log: EventLog;
  readonly nc: NatsConnection;
  /** Those that have a stream, in order. */
  partitions(): Promise<number[]>;
  /** @throws Failure where the partition has no owner that answers. */
  ask(partition: number, question: Question): Promise<Answer>;
  /** @throws Failure where no views worker answers. */
  askViews(question: ViewQuestion): Promise<ViewAnswer>;
  /** As the user `admin`: the only thing that this command changes anything with. @throws Failure where no views worker answers. */
  tellViews(order: ViewOrder): Promise<ViewAnswer>;
}

const runFileSchema = z.object({ natsUrl: z.string() });
const secretsSchema = z.object({ nats: z.object({ viewer: z.string(), admin: z.string() }) });

/** Where `npm start` of this clone keeps its data unless it is told otherwise, from whatever folder one asks. */
const ownHome = fileURLToPath(new URL('../../../.ringback', import.meta.url));

/** RINGBACK_HOME as the commands see it. */
export function homeOf(args: Arguments): string {
  return resolve(textOf(args, 'home') ?? (process.env.RINGBACK_HOME || ownHome));
}

/** @throws Failure where no platform runs with this folder. */
export async function openPlatform(home: string): Promise<Platform> {
  const run = await readHomeFile(home, 'run.json', runFileSchema);
  const secrets = await readHomeFile(home, 'secrets.json', secretsSchema);
  const { log, nc } = await connectLog({
    url: run.natsUrl,
    user: 'viewer',
    password: secrets.nats.viewer,
    name: 'ringback',
  }).catch((error: unknown) => {
    throw new Failure(
      'not_reachable',
      `The platform's nats-server does not answer at ${run.natsUrl}: ${reasonOf(error)}.`,
      'Start the platform again with npm start; ringback doctor says which part is missing.',
      { cause: error },
    );
  });
  const bus = new NatsBus(nc, () => {});
  return {
    log,
    nc,
    partitions: () => partitionsOf(nc),
    ask: (partition, question) => ask(bus, partition, question),
    askViews: (question) => requestViews(bus, subjects.viewQuestions, question),
    async tellViews(order) {
      const password = secrets.nats.admin;
      const admin = await connectNats({ url: run.natsUrl, user: 'admin', password, name: 'ringback' });
      try {
        return await requestViews(new NatsBus(admin, () => {}), subjects.viewOrders, order);
      } finally {
        await admin.close();
      }
    },
    [Symbol.asyncDispose]: () => nc.close(),
  };
}

async function readHomeFile<T>(home: string, name: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readFile(join(home, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES')
      throw new Failure(
        'not_permitted',
        `${join(home, name)} is not yours to read.`,
        'Run ringback as the user who started the platform.',
        { cause: error },
      );
    throw new Failure(
      'not_running',
      `No platform runs with the folder ${home}.`,
      'Start it with npm start, or name the folder of the one that runs with --home.',
      { cause: error },
    );
  });
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Failure(
      'bad_home',
      `${join(home, name)} is damaged.`,
      'Stop the platform and start it again with npm start.',
      {
        cause: error,
      },
    );
  }
}

async function partitionsOf(nc: NatsConnection): Promise<number[]> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const partitions: number[] = [];
  for await (const stream of manager.streams.names('evt.*')) partitions.push(Number(stream.slice(-2)));
  return partitions.toSorted((a, b) => a - b);
}

async function ask(bus: NatsBus, partition: number, question: Question): Promise<Answer> {
  try {
    return answerSchema.parse(await bus.request(subjects.questions(partition), question, limits.answerMs));
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new Failure(
      'no_owner',
      `Nobody answers for the calls of partition ${partition}.`,
      'A calls worker may be starting: try again in a few seconds. ringback doctor says which part is missing.',
      { cause: error },
    );
  }
}

async function requestViews(
  bus: NatsBus,
  subject: string,
  message: ViewQuestion | ViewOrder,
): Promise<ViewAnswer> {
  try {
    return viewAnswerSchema.parse(await bus.request(subject, message, limits.viewsMs));
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new Failure(
      'views_unavailable',
      'No views worker answers; calls themselves go on without it.',
      'It may be starting: try again in a few seconds. ringback doctor and logs/views.log say more.',
      { cause: error },
    );
  }
}
