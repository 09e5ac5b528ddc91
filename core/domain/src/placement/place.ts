/** Something that keys are placed on. */
export interface PlacementNode {
  readonly id: string;
  /** Its share next to the others'. Default: 1. */
  readonly weight?: number;
}

/** No node gets more than this times its share, rounded up: hashing alone gives one of few nodes twice another's. */
export const loadCap = 1.25;

/**
 * Places each key on a node by weighted rendezvous hashing (Thaler, Ravishankar 1998; weights: -w / ln h) with a
 * bound on the load of each node (Mirrokni, Thorup, Zadimoghaddam 2016). The same sets give the same placement
 * on every machine, in whatever order they are given; when a node comes or goes, few other keys move.
 *
 * The pair with the highest score is placed first, and so on down; a node that has its bound takes no more. That is
 * the one stable matching, so no key could change places to the liking of both it and the node.
 *
 * @returns node by key; empty where there is no node.
 * @throws RangeError for a weight that is not above 0.
 */
export function place(keys: readonly string[], nodes: readonly PlacementNode[]): ReadonlyMap<string, string> {
  const weights = new Map(nodes.map(({ id, weight = 1 }) => [id, weight]));
  for (const [id, weight] of weights)
    if (!(weight > 0 && weight < Infinity))
      throw new RangeError(`the weight of node ${id} must be above 0, not ${weight}`);
  const distinct = [...new Set(keys)];
  const total = sum(weights.values());
  const room = new Map<string, number>();
  const pairs: { key: string; id: string; score: number }[] = [];
  for (const [id, weight] of weights) {
    room.set(id, Math.ceil((loadCap * distinct.length * weight) / total));
    for (const key of distinct) pairs.push({ key, id, score: -weight / Math.log(even(`${id}\n${key}`)) });
  }
  pairs.sort((a, b) => b.score - a.score || compare(a.key, b.key) || compare(a.id, b.id));
  const placed = new Map<string, string>();
  for (const { key, id } of pairs) {
    const left = room.get(id)!;
    if (left === 0 || placed.has(key)) continue;
    placed.set(key, id);
    room.set(id, left - 1);
  }
  return placed;
}

/** A number in (0, 1) that looks random: FNV-1a over the UTF-16 units, then the finalizer of MurmurHash3. */
function even(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

function sum(values: Iterable<number>): number {
  let all = 0;
  // In order of size: sums of the same weights are the same whatever the order they come in.
  for (const value of [...values].sort((a, b) => a - b)) all += value;
  return all;
}

/** Not by locale, which differs from machine to machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
