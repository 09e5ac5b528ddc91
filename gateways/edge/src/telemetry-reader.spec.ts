import { callId, host } from '@ringback/domain/testing';
import type { TelemetryBatch } from '@ringback/eventlog';
import { makeLogger } from '@ringback/runtime';
import type { Report, TelemetryEvent } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { TelemetryReader, type ReadTelemetry } from './telemetry-reader.ts';

const join: Report = { kind: 'join', route: 'p2p', marks: {} };
const quality: Report = { kind: 'quality', samples: [{ leg: 'send', connectionState: 'connected' }] };
const tenantId = 'default';
const event = (id: number, report: Report = join): TelemetryEvent => ({
  specversion: '1.0',
  id: String(id),
  source: '/gateways/edge-1',
  type: 'call.client.reported',
  subject: callId,
  time: '2025-11-19T18:24:34.816Z',
  tenantid: tenantId,
  schemaversion: 1,
  data: { participantId: host.participantId, report },
});

/** Messages at positions 10, 20 … */
function reader(messages: readonly (readonly TelemetryEvent[])[], bytes = 100) {
  const reads: (number | undefined)[] = [];
  const read: ReadTelemetry = async function* (_, from = 0): AsyncIterable<TelemetryBatch> {
    reads.push(from);
    for (const [index, events] of messages.entries()) {
      const position = (index + 1) * 10;
      if (position >= from) yield { position, bytes, events };
    }
  };
  const pages = new TelemetryReader(read, makeLogger('test', 'silent'));
  const all = async (limit: number, samples = false) => {
    const ids: string[][] = [];
    let after: string | undefined;
    let more = true;
    while (more) {
      const page = await pages.page(callId, { tenantId, after, limit, samples });
      if ('code' in page) throw new Error(page.code);
      ids.push(page.telemetry.map(({ id }) => id));
      ({ next: after, more } = page);
    }
    return ids;
  };
  return { pages, reads, all };
}

describe('TelemetryReader', () => {
  it('pages within messages and across them, each event once', async () => {
    const on = reader([[event(1), event(2), event(3)], [], [event(4)], [event(5), event(6)]]);
    expect(await on.all(2)).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ]);
    expect(await on.all(4)).toEqual([
      ['1', '2', '3', '4'],
      ['5', '6'],
    ]);
    expect((await on.all(1)).flat()).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(await on.all(100)).toEqual([['1', '2', '3', '4', '5', '6']]);
  });

  it('leaves samples out unless they are asked for', async () => {
    const on = reader([[event(1, quality), event(2)], [event(3, quality)]]);
    expect(await on.all(1)).toEqual([['2']]);
    expect(await on.all(1, true)).toEqual([['1'], ['2'], ['3']]);
  });

  it('leaves out what people of another tenant tried: it names them', async () => {
    const theirs = (id: number): TelemetryEvent => ({ ...event(id), tenantid: 'other' });
    const on = reader([[theirs(1), event(2), theirs(3)], [theirs(4)], [event(5)]]);
    expect(await on.all(1)).toEqual([['2'], ['5']]);
  });

  it('reads so much of the stream for one page, and says where to go on', async () => {
    const on = reader([[event(1)], [], [event(2)]], limits.telemetryScanBytesMax);
    expect(await on.all(100)).toEqual([['1'], [], ['2'], []]);
    expect(on.reads).toEqual([0, 11, 21, 31]);
  });

  it('says where to go on later, when there is more', async () => {
    const messages = [[event(1)]];
    const { pages } = reader(messages);
    const range = { tenantId, limit: 100, samples: false };
    const first = await pages.page(callId, range);
    expect(first).toMatchObject({ more: false, next: '11.0' });
    const again = { ...range, after: '11.0' };
    expect(await pages.page(callId, again)).toEqual({ callId, telemetry: [], more: false, next: '11.0' });
    messages.push([event(2)]);
    expect(await pages.page(callId, again)).toMatchObject({ telemetry: [{ id: '2' }], next: '21.0' });
    expect(await reader([]).pages.page(callId, range)).toEqual({ callId, telemetry: [], more: false });
  });

  it('that can not read says so, and does not throw', async () => {
    const pages = new TelemetryReader(
      () => {
        throw new Error('away');
      },
      makeLogger('test', 'silent'),
    );
    expect(await pages.page(callId, { tenantId, limit: 1, samples: false })).toMatchObject({
      code: 'overloaded',
    });
  });
});
