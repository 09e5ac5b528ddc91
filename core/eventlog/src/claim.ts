import type { AppendResult, EventLog, StoredCommit } from './event-log.ts';

/** A claim that did not come through: the log is away. Transient: try again later. */
export class ClaimFailed extends Error {
  override readonly name = 'ClaimFailed';
}

/**
 * Takes a partition. The claim goes to the end of the log whatever stands there; its own position is the
 * epoch of the new owner. Only after everything before it was read (`readThrough`) may the owner decide or answer.
 * Whoever held the partition before is refused by its next append, because the place it expects is taken.
 *
 * @returns the epoch, which is also the position that the owner's first commit follows.
 * @throws ClaimFailed
 */
export async function claim(log: EventLog, partition: number, owner: string): Promise<number> {
  const result = await log.append({
    partition,
    body: { kind: 'claim', owner, events: [] },
    id: `${owner}.claim`,
    expected: undefined,
  });
  if (result.kind !== 'stored')
    throw new ClaimFailed(`partition ${partition} could not be claimed: ${reasonOf(result)}`, {
      cause: result,
    });
  return result.position;
}

/**
 * Reads from a position (where that is no longer there, from the first one that is) through the claim, without a gap.
 *
 * @throws ClaimFailed, UndecodableCommit, and what `onCommit` throws
 */
export async function readThrough(
  log: EventLog,
  partition: number,
  { from, epoch }: { readonly from: number; readonly epoch: number },
  onCommit: (commit: StoredCommit) => void,
): Promise<void> {
  let last: number | undefined;
  for await (const commit of log.read(partition, { from, to: epoch })) {
    // A read that skips or stops short would make us decide on half of what happened.
    if (last !== undefined && commit.position !== last + 1)
      throw new ClaimFailed(`partition ${partition}: ${commit.position} was read after ${last}`);
    last = commit.position;
    onCommit(commit);
  }
  if (last !== epoch)
    throw new ClaimFailed(`partition ${partition}: read up to ${last}, the claim is at ${epoch}`);
}

function reasonOf(result: AppendResult): string {
  if (result.kind !== 'unknown') return result.kind;
  return result.cause instanceof Error ? result.cause.message : String(result.cause);
}
