import {
  DiscardPolicy,
  JetStreamApiError,
  jetstreamManager,
  PersistMode,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { streams, subjects } from '@ringback/schemas';
import { LogNotReady } from './log-errors.ts';
import { inspectLog, partitionNumbers, unfitServer, type LogFinding } from './inspect-log.ts';
import { limits } from './limits.ts';

/**
 * Makes the streams that are missing; leaves those that are there. Facts have no age limit: they go when
 * they are archived. A full disk refuses new facts (`discard: new`) instead of dropping old ones.
 *
 * @param replicas copies of each stream, on as many servers; streams that are there keep the number they have.
 * @param say told what is waited for and what is not as it should be; each names its remedy.
 * @throws LogNotReady where the server is too old or takes too little, the log has more partitions, the cluster has no
 *   leader in time, or it can not keep so many copies.
 */
export async function provisionStreams(
  nc: NatsConnection,
  partitions: number,
  replicas: number,
  say: (finding: LogFinding) => void = () => {},
): Promise<void> {
  const unfit = unfitServer(nc);
  if (unfit !== undefined) throw new LogNotReady(`${unfit.message} ${unfit.remedy}`);
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: limits.provisionTryMs });
  const names = new Set(await untilLed(() => namesOf(manager), say, replicas));
  const last = partitionNumbers.findLast((partition) => names.has(streams.events(partition))) ?? 0;
  // Whoever asked for a call in there would hear that there is none.
  if (last >= partitions)
    throw new LogNotReady(
      `RINGBACK_PARTITIONS=${partitions} leaves out the calls of ${streams.events(last)}, which is there. Set it to ` +
        `${last + 1} for every process: it may be raised, not lowered. To give those calls up: nats stream rm.`,
    );
  const wanted: (Partial<StreamConfig> & { name: string; subjects: string[] })[] = [
    ...Array.from({ length: partitions }, (_, partition) => ({
      name: streams.events(partition),
      subjects: [subjects.events(partition)],
      discard: DiscardPolicy.New,
      duplicate_window: limits.duplicateWindowNs,
    })),
    {
      name: streams.telemetry,
      subjects: ['tel.*'],
      discard: DiscardPolicy.Old,
      max_age: limits.telemetryAgeNs,
      max_bytes: limits.telemetryBytesMax,
      // Not a fact: kill -9 of a single nats-server may lose its last moments (a cluster has copies instead).
      ...(replicas === 1 ? { persist_mode: PersistMode.Async } : {}),
    },
  ];
  for (const config of wanted) {
    if (names.has(config.name)) continue;
    const behind = wanted
      .slice(wanted.indexOf(config) + 1)
      .find(({ name }) => isFacts(name) && names.has(name));
    if (isFacts(config.name) && behind !== undefined)
      say({
        state: 'warn',
        message: `${config.name} was missing though ${behind.name} is there: it is made anew, and empty.`,
        remedy: `If somebody deleted it, its calls are gone unless a backup is restored (nats stream restore).`,
      });
    const add = () =>
      manager.streams.add({
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        num_replicas: replicas,
        ...config,
      });
    await untilLed(add, say, replicas).catch((error: unknown) => {
      throw refusalOf(error, replicas);
    });
  }
  for (const finding of await inspectLog(nc, { partitions, replicas }))
    if (finding.state !== 'ok') say(finding);
}

function isFacts(name: string): boolean {
  return name !== streams.telemetry;
}

async function namesOf(manager: JetStreamManager): Promise<string[]> {
  const names: string[] = [];
  for await (const name of manager.streams.names()) names.push(name);
  return names;
}

/**
 * A cluster whose servers have just started elects its leader first (1 - 10 s), and without more than half of them
 * never has one; its leader hears a moment later which of the others are there. A single server that starts reads its
 * streams first.
 *
 * @throws what the server answered last, where waiting is of no use or took too long.
 */
async function untilLed<T>(
  task: () => Promise<T>,
  say: (finding: LogFinding) => void,
  replicas: number,
): Promise<T> {
  const giveUpAt = performance.now() + limits.provisionMs;
  let sayAt = performance.now() + limits.provisionNoticeMs;
  for (;;) {
    try {
      return await task();
    } catch (error) {
      // A refusal with a reason is one that waiting does not mend; 503 is "not now".
      if (error instanceof JetStreamApiError && !temporary.has(error.code)) throw error;
      const fewServers = error instanceof JetStreamApiError && error.code === tooFewServers;
      const [message, remedy] = fewServers ? tooFew(replicas) : [notLed, notLedRemedy];
      const now = performance.now();
      if (now > giveUpAt && fewServers) throw error;
      if (now > giveUpAt) throw new LogNotReady(`${message} ${remedy}`, { cause: error });
      if (now > sayAt) {
        say({ state: 'warn', message: `${message} Waiting.`, remedy });
        sayAt = now + limits.provisionNoticeMs;
      }
      await new Promise((resolve) => setTimeout(resolve, limits.retryMsMax));
    }
  }
}

const notLed = 'JetStream does not answer: no leader is elected yet, or it is disabled.';
const notLedRemedy =
  'Start the other nats-servers: a cluster needs more than half of them. Where jetstream {} is missing in the ' +
  "servers' configuration (or the account's), add it. After a full disk, free space and restart it.";

/** "no suitable peers for placement": for good, or because one of them has only just started or is restarted. */
const tooFewServers = 10005;

const tooFew = (replicas: number) =>
  [
    `The cluster has too few servers for RINGBACK_REPLICAS=${replicas}.`,
    'Start the others, or set it lower.',
  ] as const;

/** 10008: "JetStream system temporarily unavailable", 10009: a request that came while a leader changed. */
const temporary: ReadonlySet<number> = new Set([tooFewServers, 10008, 10009]);

function refusalOf(error: unknown, replicas: number): unknown {
  if (!(error instanceof JetStreamApiError)) return error;
  const said = `nats-server says ${error.code}: ${error.message}.`;
  switch (error.code) {
    case 10074:
      return new LogNotReady(
        `RINGBACK_REPLICAS=${replicas} needs a cluster, and this nats-server is on its own. Set it to 1, or name a cluster in RINGBACK_NATS_URL. ${said}`,
        { cause: error },
      );
    case tooFewServers:
      return new LogNotReady(`${tooFew(replicas).join(' ')} ${said}`, { cause: error });
    case 10047:
      return new LogNotReady(
        `nats-server has too little room for our streams (telemetry alone sets aside ${limits.telemetryBytesMax / 1024 ** 2} MiB). Free some, or raise its max_file_store. ${said}`,
        { cause: error },
      );
    default:
      return error;
  }
}
