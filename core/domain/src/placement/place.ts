/** Something that keys are placed on. */
export interface PlacementNode {
  readonly id: string;
  /** Its share next to the others'. Default: 1. */
  readonly weight?: number;
}

/** One of those that keys come to one by one, of which nobody has a list. */
export interface LoadedNode extends PlacementNode {
  /** What it has now, in keys or whatever they bring. */
  readonly load: number;
}

/** No node gets more than this times its share, rounded up: hashing alone gives one of few nodes twice another's. */
export const loadCap = 1.25;

/**
 * Places each key on a node by weighted rendezvous hashing (Thaler, Ravishankar 1998; weights: -w / ln h) with a
 * bound on the load of each node (Mirrokni, Thorup, Zadimoghaddam 2016). The same sets give the same placement
 * on every machine, in whatever order they are given; when a node comes or goes, few other keys move.
 *
 * Each key asks the node it scores highest with; a full node keeps the pairs that score highest and turns the lowest
 * away, which asks its next one (Gale, Shapley 1962). As key and node go by the same score there is one stable
 * matching: no key could change places to the liking of both it and the node.
 *
 * @returns node by key; empty where there is no node.
 * @throws RangeError for a weight that is not above 0.
 */
export function place(keys: readonly string[], nodes: readonly PlacementNode[]): ReadonlyMap<string, string> {
  const distinct = new Set(keys);
  const { scorers, total } = scorersOf(nodes);
  const tables = scorers.map((scorer): Table => {
    const room = Math.ceil((loadCap * distinct.size * scorer.weight) / total);
    return { ...scorer, room, seated: [] };
  });
  if (tables.length === 0) return new Map();
  for (const key of distinct) {
    let pair: Pair<Table> | undefined = bestPair(key, tables);
    // There is room for more keys than there are, so whoever is turned away finds a place.
    while (pair !== undefined) {
      const away = seat(pair);
      pair = away === undefined ? undefined : bestPair(away.key, tables, away);
    }
  }
  return new Map(tables.flatMap(({ id, seated }) => seated.map(({ key }) => [key, id] as const)));
}

/**
 * Places one key of very many: on the node it scores highest with that has room. As long as loads are within their
 * bounds that is the same node each time, and only the keys of a node that goes move; a full one gives to each key's next.
 *
 * @param slack up to this load a node has room, whatever the others have: among few keys a share means nothing.
 * @returns undefined where there is no node.
 * @throws RangeError for a weight that is not above 0.
 */
export function placeOne(key: string, nodes: readonly LoadedNode[], slack: number): string | undefined {
  const { scorers, total } = scorersOf(nodes);
  const loads = new Map(nodes.map(({ id, load }) => [id, load]));
  const all = sum(loads.values()) + 1;
  const roomy = scorers.filter(
    ({ id, weight }) => loads.get(id)! < Math.max(slack, Math.ceil((loadCap * all * weight) / total)),
  );
  return bestPair(key, roomy)?.node.id;
}

interface Scorer {
  readonly id: string;
  readonly weight: number;
  /** The hash of what comes before the key. */
  readonly prefix: number;
}

interface Table extends Scorer {
  readonly room: number;
  seated: Pair<Table>[];
}

interface Pair<Node extends Scorer> {
  readonly key: string;
  readonly node: Node;
  readonly score: number;
}

function scorersOf(nodes: readonly PlacementNode[]): { scorers: Scorer[]; total: number } {
  const weights = new Map(nodes.map(({ id, weight = 1 }) => [id, weight]));
  for (const [id, weight] of weights)
    if (!(weight > 0 && weight < Infinity))
      throw new RangeError(`the weight of node ${id} must be above 0, not ${weight}`);
  const scorers = [...weights].map(([id, weight]) => ({ id, weight, prefix: hashOn(fnvBasis, `${id}\n`) }));
  return { scorers, total: sum(weights.values()) };
}

/** The key's pair that ranks highest, or highest of those below `than`. */
function bestPair<Node extends Scorer>(
  key: string,
  nodes: readonly Node[],
  than?: Pair<Node>,
): Pair<Node> | undefined {
  let best: Node | undefined;
  let bestScore = 0;
  for (const node of nodes) {
    const score = -node.weight / Math.log(even(hashOn(node.prefix, key)));
    const isBelow =
      than === undefined || score < than.score || (score === than.score && node.id > than.node.id);
    if (!isBelow) continue;
    if (best !== undefined && (score < bestScore || (score === bestScore && node.id > best.id))) continue;
    best = node;
    bestScore = score;
  }
  return best === undefined ? undefined : { key, node: best, score: bestScore };
}

/** @returns who has no place at that node (any more). */
function seat(pair: Pair<Table>): Pair<Table> | undefined {
  const { seated, room } = pair.node;
  seated.push(pair);
  if (seated.length <= room) return undefined;
  let last = 0;
  for (let i = 1; i < seated.length; i++) if (ranksBelow(seated[i]!, seated[last]!)) last = i;
  const away = seated[last]!;
  seated[last] = seated.at(-1)!;
  seated.pop();
  return away;
}

/** Of two pairs of one node. Keys are not compared by locale, which differs from machine to machine. */
function ranksBelow(a: Pair<Table>, b: Pair<Table>): boolean {
  return a.score < b.score || (a.score === b.score && a.key > b.key);
}

const fnvBasis = 0x811c9dc5;

/** FNV-1a over the UTF-16 units, from where `hash` left off. */
function hashOn(hash: number, text: string): number {
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** A number in (0, 1) that looks random: the finalizer of MurmurHash3. */
function even(hash: number): number {
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
