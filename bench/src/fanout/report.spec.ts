import { describe, expect, it } from 'vitest';
import type { Run } from './measure.ts';
import { figuresOf, print, type Result, type Round } from './report.ts';

const run = (deliveriesPerCpuSecond: number, p99Ms: number): Run => ({
  ...{ deliveriesPerCpuSecond, p99Ms, p50Ms: 1, deliveriesPerSecond: 1, framesPerDelivery: 1 },
  ...{ bytesPerDelivery: 900, serverShare: 0.2, natsShare: 0, loadShare: 0.1, othersShare: 0.01 },
});
const round = (factor: number): Round => ({
  ours: run(90 * factor, 10),
  bare: run(100 * factor, 9),
  ws: run(50 * factor, 20),
  socketIo: run(30 * factor, 30),
});
const gathered = (factor: number): Round => ({ ...round(factor), socketIoGathered: run(45 * factor, 15) });
const titles = { ours: 'ours', bare: 'bare', ws: 'ws', socketIo: 'Socket.IO', socketIoGathered: 'gathered' };
const result: Result = {
  contenders: Object.fromEntries(Object.entries(titles).map(([name, title]) => [name, { title }])),
  rounds: {
    // A round that the whole machine disturbed moves no ratio.
    ...{ one: [round(1), round(0.1), round(1.1)], oneBatched: [gathered(8)] },
    ...{ ten: [round(1)], tenBatched: [gathered(8)] },
  },
  idle: {
    ...{ sockets: 20_000, idleBytes: 5_000, idleHeapBytes: 2_000 },
    ...{ watchingBytes: 7_000, watchingHeapBytes: 4_000, wokenP99Ms: 200, wokenMaxMs: 250 },
  },
};

describe('the report of fan-out', () => {
  it('has the figures that others rely on', () => {
    expect(figuresOf(result)).toMatchObject({
      ...{ deliveriesPerCpuSecond: 90, p99Ms: 10, ratioToLimit: 0.9, ratioToWs: 1.8, ratioToSocketIo: 3 },
      ...{ deliveriesPerCpuSecondAt10x2000Batched: 720, ratioToSocketIoGatheredBatched: 2 },
      ...{ idleBytes: 5_000, idleSockets: 20_000, wokenP99Ms: 200 },
    });
  });

  it('names everybody who was measured', () => {
    const said: string[] = [];
    print(result, (text) => said.push(text));
    for (const title of Object.values(titles)) expect(said.join('\n')).toContain(title);
  });
});
