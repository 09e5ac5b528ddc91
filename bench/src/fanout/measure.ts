import { cpus } from 'node:os';
import { cpuMs, machineCpuMs } from '../cpu.ts';
import { countsOf, openLoop } from '../open-loop.ts';
import type { Audience, Contender } from './contenders.ts';
import { shapes } from './limits.ts';
import type { LoadSockets } from './load-sockets.ts';
import type { StandInOwner } from './owner.ts';

/** One contender, one shape, one number of publishes a tick. */
export interface Run {
  readonly deliveriesPerCpuSecond: number;
  /** From when a tick was due until a socket of the load has read it. Milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly deliveriesPerSecond: number;
  readonly framesPerDelivery: number;
  /** As they come out of the socket, without the heads of frames. */
  readonly bytesPerDelivery: number;
  /** Of one core. */
  readonly serverShare: number;
  readonly natsShare: number;
  readonly loadShare: number;
  /** Of the whole machine, taken by nothing that belongs to the bench. */
  readonly othersShare: number;
}

export interface MeasureOptions {
  readonly owner: StandInOwner;
  readonly load: LoadSockets;
  readonly natsPid: number;
  /** Of all servers: those that are not measured take a little too. */
  readonly serverPids: readonly number[];
  readonly leadMs: number;
  readonly windowMs: number;
}

/**
 * Publishes at fixed times and waits until all of it has arrived: a lead that is not measured, then the window.
 *
 * @throws Error where anything did not arrive, or came out of order or twice.
 */
export async function measure(
  contender: Contender,
  audience: Audience,
  batch: number,
  { owner, load, natsPid, serverPids, leadMs, windowMs }: MeasureOptions,
): Promise<Run> {
  // Who needs a frame for each of them gets ticks so much more rarely: everybody sends as many frames a second.
  const perSecond = shapes[audience.shape].ticksPerSecond / (contender.gathers ? 1 : batch);
  const read = async () => ({
    server: await contender.cpuMs(),
    nats: cpuMs(natsPid),
    load: cpuMs(load.pid),
    own: cpuMs(process.pid),
    servers: serverPids.reduce((sum, pid) => sum + cpuMs(pid), 0),
    machine: machineCpuMs(),
  });
  const run = async (ms: number) => {
    await load.begin(audience.group);
    const ticks = countsOf({ perSecond, leadMs: 0, ms }).all;
    const { send } = publisher(contender, audience, batch, owner);
    await openLoop({ perSecond, leadMs: 0, ms, measure: () => {}, send });
    return load.arrived(audience.group, ticks * batch * audience.sockets);
  };
  await run(leadMs);
  const before = await read();
  const began = performance.now();
  const { deliveries, frames, bytes, p50Ms, p99Ms } = await run(windowMs);
  const ms = performance.now() - began;
  const after = await read();
  owner.mustBeWell();
  const spent = (name: keyof typeof after) => after[name] - before[name];
  // One that is no process of ours stands beside them.
  const servers = contender.pid === undefined ? spent('servers') + spent('server') : spent('servers');
  const known = servers + spent('nats') + spent('load') + spent('own');
  return {
    deliveriesPerCpuSecond: (deliveries * 1_000) / spent('server'),
    p50Ms: p50Ms!,
    p99Ms: p99Ms!,
    deliveriesPerSecond: (deliveries * 1_000) / ms,
    framesPerDelivery: frames / deliveries,
    bytesPerDelivery: bytes / deliveries,
    serverShare: spent('server') / ms,
    natsShare: spent('nats') / ms,
    loadShare: spent('load') / ms,
    othersShare: Math.max(0, spent('machine') - known) / (ms * cpus().length),
  };
}

/** Decides and publishes one tick after the other; events bear the time when their tick was due. */
function publisher(contender: Contender, audience: Audience, batch: number, owner: StandInOwner) {
  const toWallMs = wallClock();
  let next = 0;
  const send = (_: number, dueMs: number) => {
    const now = Math.floor(toWallMs(dueMs));
    const events = Array.from({ length: batch }, () =>
      owner.act(audience.calls[next++ % audience.calls.length]!, now),
    );
    contender.publish(audience, events);
  };
  return { send };
}

/** From what `performance.now` says to milliseconds since 1970 as the load's clock has them, which may be corrected meanwhile. */
function wallClock(): (ms: number) => number {
  const first = Date.now();
  let now = first;
  // The beginning of a millisecond: it is cut off in what Date says.
  while (now === first) now = Date.now();
  const offset = now - performance.now();
  return (ms) => ms + offset;
}
