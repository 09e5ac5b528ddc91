import type { CallEvent } from '@ringback/schemas';
import { Subscription } from '../../../gateways/edge/src/subscription.ts';
import { cpuMs } from '../cpu.ts';
import type { BenchLog } from '../platform.ts';
import { Helper } from '../processes.ts';
import { Centrifugo } from './centrifugo.ts';
import { Gateway } from './gateway.ts';
import { limits, shapeNames, shapes, type ShapeName } from './limits.ts';
import type { LoadSockets, Opening } from './load-sockets.ts';
import type { StandInOwner } from './owner.ts';
import { toFrameEach, toOneFrame } from './peer-names.ts';
import type { PeerAsks, PeerKind } from './peer-process.ts';

export type ContenderName = 'ours' | 'bare' | 'ws' | 'socketIo' | 'socketIoGathered' | 'centrifugo';

/** Sockets of one shape at one contender. */
export interface Audience {
  readonly shape: ShapeName;
  /** Their name in the load. */
  readonly group: string;
  readonly sockets: number;
  readonly calls: readonly string[];
}

/** One way to bring events to many sockets, with its sockets. */
export interface Contender {
  readonly title: string;
  /** Does it send what shares a tick in one frame a socket? */
  readonly gathers: boolean;
  readonly audiences: Readonly<Record<ShapeName, Audience>>;
  /** What happened in one tick. */
  readonly publish: (audience: Audience, events: readonly CallEvent[]) => void;
  /** CPU time of its server so far. Milliseconds. */
  readonly cpuMs: () => number | Promise<number>;
  /** Of its server; absent where that is not a process of ours. */
  readonly pid?: number;
}

export interface Stage {
  readonly root: string;
  readonly quick: boolean;
  readonly log: BenchLog;
  readonly owner: StandInOwner;
  readonly load: LoadSockets;
  /** Told of what has to be stopped in the end. */
  readonly onStop: (stop: () => Promise<void>) => void;
}

/** Who is measured: all of them stand side by side. @param centrifugo address of a server, where there is one. */
export async function startContenders(
  stage: Stage,
  centrifugo: string | undefined,
  progress: (text: string) => void,
): Promise<Partial<Record<ContenderName, Contender>>> {
  progress('sockets at the edge');
  const ours = await startOurs(stage);
  progress('sockets at the peers');
  const bare = await startPeer(stage, 'uws', 'plain', 'bare uWebSockets.js');
  const ws = await startPeer(stage, 'ws', 'plain', 'ws');
  const socketIo = await startPeer(stage, 'socketio', 'socket.io', 'Socket.IO');
  const { owner } = stage;
  // The same server and sockets; what an application may do that gathers a tick's events by itself.
  const socketIoGathered: Contender = {
    ...socketIo,
    title: 'Socket.IO, one emit of an array',
    gathers: true,
    publish: ({ shape }, events) => owner.publish(toOneFrame('socketio', shape), frameOf(events)),
  };
  const all = { ours, bare, ws, socketIo, socketIoGathered };
  if (centrifugo === undefined) return all;
  progress(`sockets at ${centrifugo}`);
  const server = new Centrifugo(centrifugo);
  return {
    ...all,
    centrifugo: {
      title: 'Centrifugo',
      // It may: that is not for us to say.
      gathers: false,
      audiences: await gatherAll(stage, 'centrifugo', () => ({ url: centrifugo, dialect: 'centrifugo' })),
      publish: (_, events) => server.publish(events.map((event) => [event.subject, messageOf(event)])),
      cpuMs: () => server.cpuMs(),
    },
  };
}

/** The edge, fed as an owner feeds it; its sockets connect and watch by the protocol. */
async function startOurs(stage: Stage): Promise<Contender> {
  const { owner, log, root } = stage;
  const gateway = await Gateway.start(root, log, 'edge-1');
  stage.onStop(() => gateway.process.stop());
  const [tenant] = log.secrets.tenants;
  const { apiKey, apiSecret } = tenant!;
  const { pid } = gateway.process;
  return {
    title: 'ours, the edge',
    gathers: true,
    audiences: await gatherAll(stage, 'ours', () => ({
      url: gateway.url,
      dialect: 'ringback',
      apiKey,
      apiSecret,
    })),
    publish: (_, events) => owner.feed(gateway.name, events),
    cpuMs: () => cpuMs(pid),
    pid,
  };
}

async function startPeer(
  stage: Stage,
  kind: PeerKind,
  dialect: Opening['dialect'],
  title: string,
): Promise<Contender> {
  const { log, owner } = stage;
  const server = new Helper<PeerAsks>(new URL('peer-process.ts', import.meta.url));
  stage.onStop(() => server.stop());
  const port = await server.ask('listen', { kind, url: log.url, password: log.secrets.nats.edge });
  const path = kind === 'socketio' ? '/socket.io/' : '/';
  const gathers = kind !== 'socketio';
  const to = gathers ? toOneFrame : toFrameEach;
  return {
    title,
    gathers,
    audiences: await gatherAll(stage, kind, (shape) => ({
      url: `http://127.0.0.1:${port}${path}?shape=${shape}`,
      dialect,
    })),
    publish: ({ shape }, events) => owner.publish(to(kind, shape), frameOf(events)),
    cpuMs: () => cpuMs(server.pid),
    pid: server.pid,
  };
}

async function gatherAll(
  stage: Stage,
  name: string,
  opening: (shape: ShapeName) => Omit<Opening, 'count'>,
): Promise<Record<ShapeName, Audience>> {
  const gathered: Partial<Record<ShapeName, Audience>> = {};
  for (const shape of shapeNames) gathered[shape] = await gather(stage, name, shape, opening(shape));
  return gathered as Record<ShapeName, Audience>;
}

async function gather(
  { owner, load, quick }: Stage,
  name: string,
  shape: ShapeName,
  opening: Omit<Opening, 'count'>,
): Promise<Audience> {
  const { calls: count, sockets: all } = shapes[shape];
  const sockets = quick ? all * limits.quickShare : all;
  const calls = Array.from({ length: count }, () => owner.makeCall());
  const group = `${name}-${shape}`;
  await load.open(group, { ...opening, count: sockets });
  await load.watch(
    group,
    calls.map((callId) => ({ name: callId, after: owner.head(callId) })),
  );
  return { shape, group, sockets, calls };
}

/** The message about an event, as the edge writes it for who watches: everybody sends the same bytes. */
function messageOf(event: CallEvent): string {
  return new Subscription(event.subject, undefined, event.sequence - 1).take(event)!;
}

function frameOf(events: readonly CallEvent[]): string {
  return `[${events.map(messageOf).join(',')}]`;
}
