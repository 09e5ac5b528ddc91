import { compareWithLog, type LogComparison } from './compare-log.ts';
import type { LogCase } from './log-cases.ts';
import { openStage, partitions } from './log-stage.ts';
import { mountSmallDisks, noSmallDisks, unmountSmallDisks } from './small-disk.ts';

export interface LogFaultResult extends LogComparison {
  readonly case: string;
  /** Answers other than an acknowledgement, by code: nothing is lost by them, and their senders said it again. */
  readonly refused: Record<string, number>;
  /** The longest that anybody waited for an acknowledgement, in milliseconds. */
  readonly slowestMs: number;
  readonly note?: string;
  readonly skipped?: string;
  readonly fault?: string;
}

/** One fault under load, in a log of its own, and what came of it. @param acksMin acknowledgements in all */
export async function runLogCase(one: LogCase, acksMin: number): Promise<LogFaultResult> {
  const none = { case: one.name, acked: 0, lost: 0, duplicated: 0, refused: {}, slowestMs: 0 };
  const skipped = one.smallDisks === true ? noSmallDisks() : undefined;
  if (skipped !== undefined) return { ...none, skipped };
  const { replicas, standby } = one;
  const folders = one.smallDisks === true ? mountSmallDisks(replicas) : undefined;
  try {
    const stage = await openStage({
      replicas,
      ...(standby === undefined ? {} : { standby }),
      ...(folders === undefined ? {} : { folders: folders }),
    });
    try {
      const note = (await one.run(stage)) ?? '';
      // For good: what comes back and goes again has not come back.
      await stage.load.moreAcks(Math.max(1_000, acksMin - stage.load.ackedCount));
      const { refused, slowestMs, ...said } = await stage.load.stop();
      const compared = await compareWithLog(stage.on.log, partitions, said);
      const codes = Object.keys(refused);
      const result = { ...none, ...compared, refused, slowestMs: Math.round(slowestMs), note };
      return one.refusals || codes.length === 0
        ? result
        : { ...result, fault: `refused: ${codes.join(', ')}` };
    } catch (error) {
      return { ...none, fault: `${String(error)}\n${stage.lastWords()}` };
    } finally {
      await stage.close();
    }
  } finally {
    if (folders !== undefined) unmountSmallDisks(folders);
  }
}
