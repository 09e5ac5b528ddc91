// On a real nats-server with the configuration that we generate: each user can do its part and is refused the others'.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager, DeliverPolicy } from '@nats-io/jetstream';
import { connect, PermissionViolationError, type NatsConnection } from '@nats-io/transport-node';
import { natsServerPath } from '@ringback/runtime/native-parts';
import { streams, subjects } from '@ringback/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadOrMakeSecrets, makeHome, natsUsers, writePrivate, type NatsUser } from './home.ts';
import { natsConfig } from './nats-config.ts';
import { answers } from './platform.ts';
import { freePort } from './ports.ts';

const home = mkdtempSync(join(tmpdir(), 'ringback-nats-'));
const callId = '00-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';
let server: ChildProcess;
let port: number;
const connections = {} as Record<NatsUser, NatsConnection>;

beforeAll(async () => {
  makeHome(home);
  const passwords = loadOrMakeSecrets(home).nats;
  port = await freePort(14_222, '127.0.0.1');
  const monitoringPort = await freePort(18_222, '127.0.0.1');
  const path = join(home, 'nats-server.conf');
  writePrivate(path, natsConfig({ home, port, monitoringPort, passwords }));
  server = spawn(natsServerPath() ?? 'nats-server', ['-c', path], { stdio: 'ignore' });
  if (!(await answers(`http://127.0.0.1:${monitoringPort}/healthz`, () => false)))
    throw new Error('no nats-server');
  for (const user of natsUsers) {
    const inbox = user === 'viewer' ? {} : { inboxPrefix: `_INBOX_${user}` };
    connections[user] = await connect({
      servers: `127.0.0.1:${port}`,
      user,
      pass: passwords[user],
      ...inbox,
    });
    refusals[user] = 0;
    void countRefusals(user);
  }
  const manager = await jetstreamManager(connections.calls);
  await manager.streams.add({ name: streams.events(0), subjects: [subjects.events(0)], allow_direct: true });
  await manager.streams.add({ name: streams.telemetry, subjects: ['tel.*'] });
});

afterAll(async () => {
  await Promise.all(Object.values(connections).map((nc) => nc.close()));
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill();
  await gone;
  rmSync(home, { recursive: true });
});

/** Refusals so far; the server tells them to the connection, not to the caller. */
const refusals = {} as Record<NatsUser, number>;

async function countRefusals(user: NatsUser): Promise<void> {
  for await (const status of connections[user].status()) {
    if (status.type === 'error' && status.error instanceof PermissionViolationError) refusals[user]++;
  }
}

/** Whether the server refuses what `act` does. */
async function refused(user: NatsUser, act: (nc: NatsConnection) => void): Promise<boolean> {
  const before = refusals[user];
  act(connections[user]);
  await connections[user].flush(); // a refusal comes before the answer to the ping
  await new Promise((resolve) => setTimeout(resolve, 5)); // and its status a few turns of the loop later
  return refusals[user] > before;
}

const publishing = (subject: string) => (nc: NatsConnection) => nc.publish(subject, '{}');
const subscribing = (subject: string) => (nc: NatsConnection) =>
  nc.subscribe(subject, { callback: () => {} }).unsubscribe(1);

const tap = subjects.tap(callId, 'call.participant.joined');
const shape = (request: string) => `$JS.API.STREAM.${request}`;
const changeStreams = ['CREATE.NEW', 'UPDATE.NEW', 'DELETE.NEW', 'PURGE.NEW', 'MSG.DELETE.NEW'].map(shape);
const betweenWorkers = [subjects.workerBeat('calls-1'), subjects.handOver('calls-1')];
const betweenEdges = [subjects.people('edge-1'), subjects.presence('edge-1')];
const snapshots = streams.snapshots;
const onlyCalls = [
  ...changeStreams,
  ...betweenWorkers,
  ...[subjects.snapshotParts('x'), '$O.SNAP.M.x', `$JS.API.STREAM.INFO.${snapshots}`],
  ...[`$JS.API.STREAM.MSG.GET.${snapshots}`, `$JS.API.DIRECT.GET.${snapshots}`],
  ...[`$JS.API.DIRECT.GET.${snapshots}.x`, `$JS.API.CONSUMER.CREATE.${snapshots}.x`],
];
const table = {
  calls: {
    publishes: [
      ...[subjects.events(0), subjects.heads(0), subjects.feed('edge-1'), subjects.telemetry(0), tap],
      ...[subjects.questions(0), '_INBOX_calls.x.1', '_INBOX_edge.x.1', '_INBOX.x.1', ...onlyCalls],
    ],
    // It carries out commands and never makes them; it may ask the owner of another partition.
    neverPublishes: [subjects.commands(0), subjects.beat('edge-1')],
    subscribes: [
      ...[subjects.commands(0), subjects.questions(0), subjects.allBeats, subjects.allHeads],
      ...[subjects.allWorkerBeats, subjects.handOver('calls-1')],
    ],
    neverSubscribes: [subjects.feed('edge-1'), '_INBOX_edge.>', '_INBOX.>', 'call.>', '>'],
  },
  edge: {
    publishes: [
      ...[subjects.commands(0), subjects.questions(0), subjects.beat('edge-1'), subjects.telemetry(0)],
      subjects.viewQuestions,
      subjects.media(callId),
      ...[...betweenEdges, '_INBOX_edge.x.1'],
    ],
    neverPublishes: [
      subjects.viewOrders,
      ...[subjects.events(0), subjects.heads(0), subjects.feed('edge-2'), tap],
      ...['_INBOX.x.1', '_INBOX_calls.x.1', ...onlyCalls],
    ],
    subscribes: [subjects.feed('edge-1'), subjects.allHeads, subjects.allBeats, ...betweenEdges],
    neverSubscribes: [
      subjects.events(0),
      subjects.commands(0),
      subjects.questions(0),
      ...betweenWorkers,
      'call.>',
      '_INBOX.>',
      '>',
    ],
  },
  media: {
    publishes: [subjects.commands(0), subjects.questions(0), subjects.beat('media-1'), subjects.telemetry(0)],
    neverPublishes: [
      ...[subjects.events(0), subjects.heads(0), subjects.feed('media-2'), subjects.media(callId), tap],
      ...['_INBOX.x.1', '_INBOX_calls.x.1', ...onlyCalls],
    ],
    subscribes: [subjects.feed('media-1'), subjects.allHeads, 'media.*'],
    neverSubscribes: [
      ...[subjects.events(0), subjects.commands(0), subjects.questions(0), subjects.feed('edge-1')],
      ...['call.>', '_INBOX.>', '_INBOX_edge.>', '>', ...betweenWorkers, ...betweenEdges],
    ],
  },
  views: {
    publishes: ['_INBOX_edge.x.1', '_INBOX_viewer.x.1', '_INBOX_admin.x.1', '_INBOX.x.1'],
    neverPublishes: [
      ...[subjects.events(0), subjects.commands(0), subjects.questions(0), subjects.feed('edge-1'), tap],
      ...['_INBOX_calls.x.1', ...changeStreams],
    ],
    subscribes: [subjects.viewQuestions, subjects.viewOrders],
    neverSubscribes: [subjects.events(0), subjects.questions(0), '_INBOX_edge.>', 'call.>', '>'],
  },
  viewer: {
    publishes: [subjects.questions(0), subjects.viewQuestions],
    neverPublishes: [
      subjects.viewOrders,
      ...[subjects.events(0), subjects.commands(0), subjects.telemetry(0), subjects.beat('edge-1'), tap],
      ...[subjects.heads(0), subjects.feed('edge-1'), '_INBOX_edge.x.1', ...onlyCalls],
    ],
    subscribes: [subjects.tapOf(callId), 'call.>', subjects.allHeads, '_INBOX.>'],
    neverSubscribes: [
      subjects.events(0),
      subjects.commands(0),
      subjects.feed('edge-1'),
      ...[...betweenWorkers, ...betweenEdges],
      '_INBOX_edge.>',
      '>',
    ],
  },
};

describe.each(['calls', 'edge', 'media', 'viewer'] as const)('%s', (user) => {
  const { publishes, neverPublishes, subscribes, neverSubscribes } = table[user];
  it.each(publishes)('may publish %s', async (subject) => {
    expect(await refused(user, publishing(subject))).toBe(false);
  });
  it.each(neverPublishes)('may not publish %s', async (subject) => {
    expect(await refused(user, publishing(subject))).toBe(true);
  });
  it.each(subscribes)('may subscribe to %s', async (subject) => {
    expect(await refused(user, subscribing(subject))).toBe(false);
  });
  it.each(neverSubscribes)('may not subscribe to %s', async (subject) => {
    expect(await refused(user, subscribing(subject))).toBe(true);
  });
});

describe.each(['edge', 'viewer'] as const)('%s reads the log', (user) => {
  it('with an ordered consumer and with single messages', async () => {
    const ack = await jetstream(connections.calls).publish(subjects.events(0), '{"commit":1}');
    const js = jetstream(connections[user]);
    const consumer = await js.consumers.get(streams.events(0), {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: ack.seq,
    });
    const message = await consumer.next({ expires: 5_000 });
    expect(message?.string()).toBe('{"commit":1}');
    await consumer.delete();
    const manager = await jetstreamManager(connections[user]);
    expect((await manager.streams.info(streams.events(0))).state.last_seq).toBeGreaterThanOrEqual(ack.seq);
    expect((await manager.streams.getMessage(streams.events(0), { seq: ack.seq }))?.string()).toBe(
      '{"commit":1}',
    );
    expect((await manager.direct.getMessage(streams.events(0), { seq: ack.seq }))?.string()).toBe(
      '{"commit":1}',
    );
  });
});

describe('replies', () => {
  it('reach the one who asked', async () => {
    const answering = connections.calls.subscribe(subjects.questions(0), {
      callback: (_, message) => void message.respond('yes'),
    });
    await connections.calls.flush();
    for (const user of ['edge', 'media', 'viewer'] as const) {
      expect(
        (await connections[user].request(subjects.questions(0), 'well?', { timeout: 5_000 })).string(),
      ).toBe('yes');
    }
    answering.unsubscribe();
  });
});

describe('the nats command line as viewer', () => {
  it('may list streams', async () => {
    const manager = await jetstreamManager(connections.viewer);
    expect((await manager.streams.list().next()).map((info) => info.config.name).sort()).toEqual([
      'EVT_00',
      'TEL',
    ]);
  });
});

describe('everybody else', () => {
  it('is refused', async () => {
    await expect(connect({ servers: `127.0.0.1:${port}`, maxReconnectAttempts: 0 })).rejects.toThrow();
    await expect(
      connect({ servers: `127.0.0.1:${port}`, user: 'edge', pass: 'wrong', maxReconnectAttempts: 0 }),
    ).rejects.toThrow();
  });
});
