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

/** Commands in the order they came, with the hashes of their ids: who looks for one need not fetch any other. */
interface Bucket {
  readonly hashes: readonly number[];
  readonly commands: readonly RecentCommand[];
}

/** The last commands of one actor, spread by their ids: neither finding nor adding one looks at all. */
export interface RecentCommands {
  /** See `actorKey`. */
  readonly actor: string;
  /** How many there ever were. */
  readonly count: number;
  readonly buckets: readonly Bucket[];
}

/** With as many commands as are remembered, 16 in each. Part of what is folded: another number is another state. */
const bucketsCount = 32;

const noBuckets = Array<Bucket>(bucketsCount).fill({ hashes: [], commands: [] });

/** Two thirds of a quiet call's state are buckets with nothing in them: without them and the hashes it is a third as long. */
export type PackedRecent = readonly {
  readonly actor: string;
  readonly count: number;
  readonly commands: readonly RecentCommand[];
}[];

/** What everybody in one call asked lately. A list: a record with a key for each person is copied twenty times as slowly. */
export type Recent = readonly RecentCommands[];

export function recentOf(recent: Recent, actor: string): RecentCommands | undefined {
  return recent.find((commands) => commands.actor === actor);
}

/** With these in the place of the actor's earlier ones. */
export function withRecent(recent: Recent, commands: RecentCommands): Recent {
  const at = recent.findIndex(({ actor }) => actor === commands.actor);
  return at < 0 ? [...recent, commands] : recent.with(at, commands);
}

/** The one of this id that `matches`; undefined where it is too long ago. */
export function findRecent(
  { count, buckets }: RecentCommands,
  id: string,
  matches: (command: RecentCommand) => boolean,
): RecentCommand | undefined {
  const hash = hashOf(id);
  const { hashes, commands } = buckets[hash % bucketsCount]!;
  for (let i = hashes.indexOf(hash); i >= 0; i = hashes.indexOf(hash, i + 1)) {
    const command = commands[i]!;
    if (command.id === id && command.nth > count - limits.recentCommandsMax && matches(command))
      return command;
  }
  return undefined;
}

export function addRecent(
  before: RecentCommands | undefined,
  actor: string,
  command: Omit<RecentCommand, 'nth'>,
): RecentCommands {
  const count = (before?.count ?? 0) + 1;
  const buckets = (before?.buckets ?? noBuckets).slice();
  // One bucket after the other, so that what is too long ago is gone after as many commands as there are buckets.
  const swept = count % bucketsCount;
  buckets[swept] = without(buckets[swept]!, count - limits.recentCommandsMax);
  const hash = hashOf(command.id);
  const { hashes, commands } = buckets[hash % bucketsCount]!;
  buckets[hash % bucketsCount] = {
    hashes: [...hashes, hash],
    commands: [...commands, { ...command, nth: count }],
  };
  return { actor: before?.actor ?? actor, count, buckets };
}

/** The same command with another reply. */
export function replaceRecent(
  { actor, count, buckets }: RecentCommands,
  was: RecentCommand,
  seq: number,
): RecentCommands {
  const at = hashOf(was.id) % bucketsCount;
  const { hashes, commands } = buckets[at]!;
  const changed = commands.map((c) => (c === was ? { ...c, seq } : c));
  return { actor, count, buckets: buckets.with(at, { hashes, commands: changed }) };
}

/** To be kept outside of memory. `unpackRecent` gives back the very same. */
export function packRecent(recent: Recent): PackedRecent {
  return recent.map(({ actor, count, buckets }) => ({
    actor,
    count,
    commands: buckets.flatMap(({ commands }) => commands),
  }));
}

export function unpackRecent(packed: PackedRecent): Recent {
  return packed.map(({ actor, count, commands }) => {
    const buckets = noBuckets.slice();
    for (const command of commands) {
      const hash = hashOf(command.id);
      const { hashes, commands: before } = buckets[hash % bucketsCount]!;
      buckets[hash % bucketsCount] = { hashes: [...hashes, hash], commands: [...before, command] };
    }
    return { actor, count, buckets };
  });
}

/** Without the first ones, up to the `oldest`. */
function without(bucket: Bucket, oldest: number): Bucket {
  const { hashes, commands } = bucket;
  let gone = 0;
  while (gone < commands.length && commands[gone]!.nth <= oldest) gone += 1;
  return gone === 0 ? bucket : { hashes: hashes.slice(gone), commands: commands.slice(gone) };
}

/** Of all characters: some UUIDs (RFC 9562 section 5.1) differ in the first ones alone, others in the last. 0 to 2^30 - 1. */
function hashOf(id: string): number {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0;
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}
