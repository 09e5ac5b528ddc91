import { limits } from '@ringback/schemas';

/** A command that had its effect, and the sequence its sender was told. */
export interface RecentCommand {
  readonly id: string;
  readonly seq: number;
  /** Of a join: the session that it put into the call. From another session the same id is another join. */
  readonly sessionId?: string;
  /** It was the actor's first, second, third … */
  readonly nth: number;
}

/** The last commands of one actor, spread over buckets by their ids: neither finding nor adding one looks at all. */
export interface RecentCommands {
  /** How many there ever were. */
  readonly count: number;
  readonly buckets: readonly (readonly RecentCommand[])[];
}

/** With as many commands as are remembered, 16 in each. Part of what is folded: another number is another state. */
const bucketsCount = 32;

const none: RecentCommands = { count: 0, buckets: Array<RecentCommand[]>(bucketsCount).fill([]) };

/** The one of this id that `matches`; undefined where it is too long ago. */
export function findRecent(
  { count, buckets }: RecentCommands,
  id: string,
  matches: (command: RecentCommand) => boolean,
): RecentCommand | undefined {
  const oldest = count - limits.recentCommandsMax;
  return buckets[bucketOf(id)]!.find((c) => c.id === id && c.nth > oldest && matches(c));
}

export function addRecent(
  commands: RecentCommands | undefined,
  command: Omit<RecentCommand, 'nth'>,
): RecentCommands {
  const { count: before, buckets: old } = commands ?? none;
  const count = before + 1;
  const oldest = count - limits.recentCommandsMax;
  const buckets = old.slice();
  // One bucket after the other, so that what is too long ago is gone after as many commands as there are buckets.
  const swept = count % bucketsCount;
  const [first] = buckets[swept]!;
  if (first !== undefined && first.nth <= oldest)
    buckets[swept] = buckets[swept]!.filter((c) => c.nth > oldest);
  const bucket = bucketOf(command.id);
  buckets[bucket] = [...buckets[bucket]!, { ...command, nth: count }];
  return { count, buckets };
}

/** The same command with another reply. */
export function replaceRecent(
  { count, buckets }: RecentCommands,
  was: RecentCommand,
  seq: number,
): RecentCommands {
  const bucket = bucketOf(was.id);
  const changed = buckets[bucket]!.map((c) => (c === was ? { ...c, seq } : c));
  return { count, buckets: buckets.with(bucket, changed) };
}

/** Of all characters: some UUIDs (RFC 9562 section 5.1) differ in the first ones alone, others in the last. */
function bucketOf(id: string): number {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0;
  return ((hash ^ (hash >>> 16)) >>> 0) % bucketsCount;
}
