import { MemoryLog } from '@ringback/eventlog';
import type { CallEvent } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { compareWithLog } from './compare-log.ts';

const event = (subject: string, sequence: number, causationid: string) =>
  ({
    id: `${subject}/${sequence}`,
    subject,
    sequence,
    causationid,
    data: { cause: {} },
  }) as unknown as CallEvent;

async function logOf(...commits: { epoch?: number; events: CallEvent[] }[]) {
  const log = new MemoryLog(() => 0);
  let n = 0;
  const append = (kind: 'claim' | 'commit', events: CallEvent[], epoch?: number) =>
    log.append({
      ...{ partition: 0, id: `${++n}`, expected: undefined },
      body: { kind, owner: 'o', events, ...(epoch === undefined ? {} : { epoch }) },
    });
  await append('claim', []);
  for (const { epoch = 1, events } of commits) await append('commit', events, epoch);
  return log;
}

describe('the judge of the fault cases', () => {
  it('finds nothing where all is well', async () => {
    const log = await logOf(
      { events: [event('c', 1, 'a')] },
      { events: [event('c', 2, 'b'), event('d', 1, 'e')] },
    );
    const said = {
      acked: [
        ['c', 'a', 1],
        ['c', 'b', 2],
      ] as [string, string, number][],
      sent: ['a', 'b', 'e'],
    };
    expect(await compareWithLog(log, 1, said)).toEqual({ acked: 2, lost: 0, duplicated: 0 });
  });

  it('canary: it sees what is lost, in another place, or doubled', async () => {
    const log = await logOf({ events: [event('c', 1, 'a'), event('c', 2, 'a')] });
    const acked: [string, string, number][] = [
      ['c', 'a', 1],
      ['c', 'a', 3],
      ['c', 'b', 2],
      ['d', 'a', 1],
    ];
    expect(await compareWithLog(log, 1, { acked, sent: ['a', 'b'] })).toEqual({
      acked: 4,
      lost: 3,
      duplicated: 1,
    });
  });

  it('canary: it sees a gap, and a commit of somebody who holds the partition no more', async () => {
    const none = { acked: [], sent: [] };
    await expect(compareWithLog(await logOf({ events: [event('c', 2, 'a')] }), 1, none)).rejects.toThrow(
      '2 after 0',
    );
    await expect(compareWithLog(await logOf({ epoch: 7, events: [] }), 1, none)).rejects.toThrow('epoch 7');
  });
});
