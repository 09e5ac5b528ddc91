import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { cpuMs, machineCpuMs } from '../cpu.ts';
import { receiversOf, tracksOf, type Contender, type Room, type Shape } from './contender.ts';
import { limits } from './limits.ts';
import { Load } from './load.ts';

/** One contender in one shape, once. Rates are of RTP payload. */
export interface Run {
  readonly cpuMsPerMbit: number;
  readonly cpuMsPer1000Packets: number;
  /** CPU time a forwarded Mbit of each of its processes. Milliseconds. */
  readonly parts: Readonly<Record<string, number>>;
  readonly besides: Readonly<Record<string, number>>;
  readonly sentMbps: number;
  readonly receivedMbps: number;
  readonly packetsPerSecond: number;
  /** By sequence numbers. */
  readonly lostShare: number;
  /** Received, of what was sent times the receivers. */
  readonly forwardedShare: number;
  /** Of one core: the contender, the load. */
  readonly serverShare: number;
  readonly loadShare: number;
  /** Of all cores, by everything on the machine. */
  readonly busyShare: number;
  /** How late the load sent at worst. Milliseconds. */
  readonly lateMsMax: number;
}

/** @returns why a run says nothing; undefined where it does. */
export function spoilt({ lostShare, forwardedShare, busyShare }: Run): string | undefined {
  if (lostShare > limits.lostShareMax) return `${(lostShare * 100).toFixed(2)} % lost`;
  if (forwardedShare < limits.forwardedShareMin)
    return `only ${(forwardedShare * 100).toFixed(1)} % forwarded`;
  if (busyShare > limits.busyShareMax) return `machine ${Math.round(busyShare * 100)} % busy`;
  return undefined;
}

export interface RunOptions {
  readonly binary: string;
  readonly address: string;
  readonly leadMs: number;
  readonly windowMs: number;
}

/** Makes a room with a load of its own, lets it run, takes a window of it and takes all down again. */
export async function measure(contender: Contender, shape: Shape, options: RunOptions): Promise<Run> {
  const load = new Load(options.binary, options.address);
  let room: Room | undefined;
  try {
    room = await contender.open(shape, load);
    await load.start();
    await flowing(shape, load);
    await sleep(options.leadMs);
    return await window(room, load, receiversOf(shape), options.windowMs);
  } finally {
    await room?.close();
    await load.stop();
  }
}

/** Not everybody hears and sees everybody in time. The message says how far it came. */
export class NotFlowing extends Error {}

/** Settles when everybody hears and sees everybody. @throws NotFlowing */
async function flowing(shape: Shape, load: Load): Promise<void> {
  const all = tracksOf(shape);
  try {
    await waitFor(
      async () => {
        const { flowing: count, failed } = await load.counts();
        if (failed > 0) throw new Error(`${failed} connections failed`);
        return count === all;
      },
      `${all} tracks to flow`,
      limits.connectMs,
    );
  } catch (error) {
    const said = JSON.stringify(await load.counts());
    throw new NotFlowing(`not everything flows: ${said}`, { cause: error });
  }
}

async function window(room: Room, load: Load, receivers: number, windowMs: number): Promise<Run> {
  const read = async () => {
    const counts = await load.counts();
    return {
      counts,
      at: performance.now(),
      parts: cpuOf(room.pids),
      besides: cpuOf(room.besides),
      load: cpuMs(load.pid),
      machine: machineCpuMs(),
    };
  };
  const before = await read();
  await sleep(windowMs);
  const after = await read();
  const counted = (name: 'sentBytes' | 'receivedBytes' | 'receivedPackets' | 'expectedPackets') =>
    after.counts[name] - before.counts[name];
  const seconds = (after.at - before.at) / 1_000;
  const mbit = (counted('receivedBytes') * 8) / 1e6;
  const parts = difference(before.parts, after.parts);
  const spent = Object.values(parts).reduce((sum, ms) => sum + ms, 0);
  return {
    cpuMsPerMbit: spent / mbit,
    cpuMsPer1000Packets: spent / (counted('receivedPackets') / 1_000),
    parts: perMbit(parts, mbit),
    besides: perMbit(difference(before.besides, after.besides), mbit),
    sentMbps: (counted('sentBytes') * 8) / 1e6 / seconds,
    receivedMbps: mbit / seconds,
    packetsPerSecond: counted('receivedPackets') / seconds,
    lostShare: Math.max(0, 1 - counted('receivedPackets') / counted('expectedPackets')),
    forwardedShare: counted('receivedBytes') / (counted('sentBytes') * receivers),
    serverShare: spent / 1_000 / seconds,
    loadShare: (after.load - before.load) / 1_000 / seconds,
    busyShare: (after.machine - before.machine) / 1_000 / seconds / cpus().length,
    lateMsMax: after.counts.lateMsMax,
  };
}

type Named = Readonly<Record<string, number>>;

function cpuOf(pids: Named): Named {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
}

function difference(before: Named, after: Named): Named {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - before[name]!]));
}

function perMbit(ms: Named, mbit: number): Named {
  return Object.fromEntries(Object.entries(ms).map(([name, spent]) => [name, spent / mbit]));
}
