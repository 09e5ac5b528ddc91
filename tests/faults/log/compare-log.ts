import type { EventLog } from '@ringback/eventlog';
import type { LoadReport } from './load.ts';

export interface LogComparison {
  acked: number;
  /** Acknowledged, and not in the log where its sender was told. */
  lost: number;
  /** Commands that took effect more than once. */
  duplicated: number;
}

/**
 * What the senders were told, next to the log.
 *
 * @throws where the log itself is not whole: a gap in a call, or a commit that is not its latest claimant's.
 */
export async function compareWithLog(
  log: EventLog,
  partitions: number,
  { acked, sent }: Pick<LoadReport, 'acked' | 'sent'>,
): Promise<LogComparison> {
  const calls = new Map<string, string[]>();
  const effects = new Map<string, number>();
  for (let partition = 0; partition < partitions; partition++) {
    let epoch = 0;
    for await (const { position, body } of log.read(partition)) {
      if (body.kind === 'claim') epoch = position;
      else if (body.epoch !== epoch)
        throw new Error(`partition ${partition}: commit ${position} is of epoch ${body.epoch}, not ${epoch}`);
      for (const { subject, sequence, causationid, data } of body.events) {
        const call = calls.get(subject) ?? [];
        calls.set(subject, call);
        if (sequence !== call.length + 1) throw new Error(`${subject}: ${sequence} after ${call.length}`);
        call.push(causationid);
        // The command itself stands in the first event it caused.
        if (data.cause !== undefined) effects.set(causationid, (effects.get(causationid) ?? 0) + 1);
      }
    }
  }
  return {
    acked: acked.length,
    lost: acked.filter(([callId, id, seq]) => calls.get(callId)?.[seq - 1] !== id).length,
    duplicated: sent.filter((id) => (effects.get(id) ?? 0) > 1).length,
  };
}
