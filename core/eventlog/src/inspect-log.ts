import { JetStreamApiError, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { streams } from '@ringback/schemas';
import { limits } from './limits.ts';
import { streamMissingCode } from './log-errors.ts';

/** `ts` is the answering server's time; the client's types do not know it. */
type Timed = StreamInfo & { readonly ts: string };

/** One thing about the log that an operator should know. */
export interface LogFinding {
  readonly state: 'ok' | 'warn' | 'fail';
  /** A sentence. */
  readonly message: string;
  /** What to do; empty when all is well. */
  readonly remedy: string;
}

/** As many as there can be. */
export const partitionNumbers: readonly number[] = Array.from({ length: 100 }, (_, partition) => partition);

/** Older ones check the expected position in batches wrongly, and `persist_mode` is new. */
export const natsServerVersionMin = '2.14.4';

/**
 * Looks at the log as it is now; changes nothing. Any user that may ask for streams will do.
 *
 * @param wanted absent: the streams that are there are taken as they are.
 * @returns what is wrong, else one `ok`.
 */
export async function inspectLog(
  nc: NatsConnection,
  wanted: { readonly partitions?: number; readonly replicas?: number } = {},
): Promise<LogFinding[]> {
  const findings: LogFinding[] = [];
  const unfit = unfitServer(nc);
  if (unfit !== undefined) findings.push(unfit);
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: limits.provisionTryMs });
  const names =
    wanted.partitions === undefined ? await factsOf(nc).catch(() => undefined) : numbered(wanted.partitions);
  if (names === undefined) return [...findings, silent('its streams')];
  if (names.length === 0)
    return [
      ...findings,
      {
        state: 'fail',
        message: 'There is no stream of facts.',
        remedy: 'Start the calls worker: it makes them.',
      },
    ];
  const infos: StreamInfo[] = [];
  for (const name of [...names, streams.telemetry]) {
    const sentAt = Date.now();
    try {
      const info = await manager.streams.info(name);
      infos.push(info);
      if (infos.length === 1) findings.push(...skewOf(info as Timed, sentAt, Date.now()));
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== streamMissingCode) {
        findings.push(silent(name));
        break;
      }
      findings.push({
        state: 'fail',
        message: `The stream ${name} is missing.`,
        remedy: 'Restore it (nats stream restore); a restart of the calls worker makes an empty one.',
      });
    }
  }
  findings.push(...infos.flatMap((info) => copiesOf(info, wanted.replicas)));
  if (findings.length > 0) return findings;
  const bytes = infos.reduce((sum, { state }) => sum + state.bytes, 0);
  const copies = new Set(infos.map(({ config }) => config.num_replicas));
  const mib = (bytes / 1024 ** 2).toFixed(0);
  return [
    {
      state: 'ok',
      message: `${infos.length} streams, ${[...copies].join(' or ')} copies, ${mib} MiB`,
      remedy: '',
    },
  ];
}

/** A finding where the server is older than we can rely on, or takes less in one message than we may send. */
export function unfitServer(nc: NatsConnection): LogFinding | undefined {
  const { version = '0', max_payload = 0 } = nc.info ?? {};
  if (compareVersions(version, natsServerVersionMin) >= 0)
    return max_payload >= limits.payloadBytesMin
      ? undefined
      : {
          state: 'fail',
          message: `nats-server takes ${max_payload} bytes in one message (max_payload): ${limits.payloadBytesMin} or more are needed.`,
          remedy:
            'Set max_payload: 8MB in the configuration of every server of RINGBACK_NATS_URL, then start again.',
        };
  return {
    state: 'fail',
    message: `nats-server ${version} is too old: ${natsServerVersionMin} or newer is needed.`,
    remedy:
      'Install a newer one on every server of RINGBACK_NATS_URL, one after the other, then start again.',
  };
}

/** Negative where `a` is older. What follows a hyphen (a pre-release) is not looked at. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string) => text.split('-')[0]!.split('.').map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (const i of [0, 1, 2]) if (left[i] !== right[i]) return (left[i] ?? 0) - (right[i] ?? 0);
  return 0;
}

function numbered(partitions: number): string[] {
  return Array.from({ length: partitions }, (_, partition) => streams.events(partition));
}

async function factsOf(nc: NatsConnection): Promise<string[]> {
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: limits.provisionTryMs });
  const there = new Set<string>();
  for await (const name of manager.streams.names()) there.add(name);
  return partitionNumbers.map(streams.events).filter((name) => there.has(name));
}

function silent(name: string): LogFinding {
  return {
    state: 'fail',
    message: `JetStream does not answer for ${name}: no leader, or it is disabled.`,
    remedy: 'Start the nats-servers that are down; after a full disk, free space and restart nats-server.',
  };
}

/** The server's own clock stands in its answer; ours was somewhere between asking and hearing. */
export function skewOf({ ts }: { ts: string }, sentAt: number, heardAt: number): LogFinding[] {
  const server = Date.parse(ts);
  const ms = server < sentAt ? server - sentAt : Math.max(0, server - heardAt);
  if (Math.abs(ms) <= limits.clockSkewWarnMs) return [];
  return [
    {
      state: 'warn',
      message: `The clocks of this machine and of nats-server differ: nats-server is ${Math.abs(ms)} ms ${ms > 0 ? 'ahead' : 'behind'}.`,
      remedy: 'Let every machine take its time from NTP (timedatectl set-ntp true).',
    },
  ];
}

function copiesOf({ config, cluster }: StreamInfo, replicas: number | undefined): LogFinding[] {
  const { name, num_replicas } = config;
  const away = (cluster?.replicas ?? []).filter(({ current, offline }) => !current || offline === true);
  const findings: LogFinding[] = [];
  if (replicas !== undefined && num_replicas !== replicas)
    findings.push({
      state: 'warn',
      message: `${name} has ${num_replicas} ${num_replicas === 1 ? 'copy' : 'copies'}, RINGBACK_REPLICAS says ${replicas}. It was left as it is.`,
      remedy:
        name === streams.telemetry
          ? `It holds samples only: nats stream rm ${name}, then restart the calls worker.`
          : `nats stream edit ${name} --replicas ${replicas} while it runs, or set RINGBACK_REPLICAS=${num_replicas}.`,
    });
  if (cluster !== undefined && !cluster.leader)
    findings.push({ ...silent(name), message: `${name} has no leader: nothing can be written to it.` });
  if (away.length > 0)
    findings.push({
      state: 'warn',
      message: `${name}: ${away.map((peer) => peer.name).join(', ')} is not up to date or away.`,
      remedy: 'It catches up by itself once it runs; look at its log if it does not.',
    });
  return findings;
}
