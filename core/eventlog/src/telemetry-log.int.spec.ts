import { jetstream } from '@nats-io/jetstream';
import { systemIds } from '@ringback/runtime';
import { makeCallId, subjects, timeOfMs, type TelemetryEvent } from '@ringback/schemas';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NatsServer } from '../../../tests/support/nats-server.ts';
import { connectLog } from './connect-log.ts';
import { provisionStreams } from './provision.ts';
import { readTelemetry, readTelemetryBatches, writeTelemetry, type TelemetryBatch } from './telemetry-log.ts';

let server: NatsServer;
let log: Awaited<ReturnType<typeof connectLog>>;
beforeAll(async () => {
  server = await NatsServer.start();
  log = await connectLog(server.address('test'));
  await provisionStreams(log.nc, 2, 1);
});
afterAll(async () => {
  await log.close();
  await server.stop();
});

const callIn = (partition: number) => makeCallId(partition, systemIds.uuidV7(Date.now()));
const [mine, other, elsewhere] = [callIn(0), callIn(0), callIn(1)];

const event = (subject: string, id: string): TelemetryEvent => ({
  ...{ specversion: '1.0', id, source: '/gateways/edge-1', subject, schemaversion: 1 },
  ...{ time: timeOfMs(Date.now()), tenantid: 'default', type: 'call.client.reported' },
  data: {
    participantId: '3fa4c9d2-5b1e-4f60-9a77-2c8e1d0b6f35',
    report: { kind: 'join', route: 'p2p', marks: { token: 1 } },
  },
});

async function batches(from?: number): Promise<TelemetryBatch[]> {
  const all: TelemetryBatch[] = [];
  for await (const batch of readTelemetryBatches(log.nc, mine, from)) all.push(batch);
  return all;
}

it('reads one call, message by message, from any position up to the head', async () => {
  expect(await batches()).toEqual([]);
  await writeTelemetry(log.nc, 0, [event(mine, 'a'), event(other, 'b'), event(mine, 'c')]);
  await writeTelemetry(log.nc, 1, [event(elsewhere, 'd')]);
  await writeTelemetry(log.nc, 0, [event(other, 'e')]);
  const unknown = { ...event(mine, 'f'), type: 'call.mood.felt' } as unknown as TelemetryEvent;
  await writeTelemetry(log.nc, 0, [unknown, event(mine, 'g')]);
  const all = await batches();
  expect(all.map(({ events }) => events.map(({ id }) => id))).toEqual([['a', 'c'], [], ['g']]);
  expect(all.map(({ position }) => position)).toEqual([1, 3, 4]);
  // Whoever goes on behind the last one finds nothing, whatever the other partition wrote.
  expect(await batches(3)).toEqual(all.slice(1));
  expect(await batches(5)).toEqual([]);
  await writeTelemetry(log.nc, 1, [event(elsewhere, 'h')]);
  expect(await batches(5)).toEqual([]);
  const ids: string[] = [];
  for await (const { id } of readTelemetry(log.nc, mine)) ids.push(id);
  expect(ids).toEqual(['a', 'c', 'g']);
});

it('what somebody wrote wrong is left out, and hides nothing', async () => {
  const call = callIn(0);
  const write = (text: string) => jetstream(log.nc).publish(subjects.telemetry(0), text);
  await writeTelemetry(log.nc, 0, [event(call, 'x')]);
  for (const text of ['', '{', 'null', '7', '{"subject":1}', `[null,7,[],{"subject":"${call}"}]`])
    await write(text);
  await writeTelemetry(log.nc, 0, [event(call, 'y')]);
  const ids: string[] = [];
  for await (const { id } of readTelemetry(log.nc, call)) ids.push(id);
  expect(ids).toEqual(['x', 'y']);
});
