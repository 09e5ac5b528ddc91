import { limits as contract, type Tiles } from '@ringback/schemas';
import { sdkLimits } from '../limits.ts';
import { keyOf } from '../media/route.ts';
import type { Clock, Timer } from '../ports.ts';
import type { Tile } from '../types.ts';
import type { Received } from './incoming.ts';

/**
 * Tells the Call Server how large everything is shown here. What is named is also ready to be received, sound included.
 */
export class TileSignals {
  readonly #clock: Clock;
  readonly #send: (tiles: Tiles) => void;
  readonly #told = new Map<string, Tile>();
  #received: readonly Received[] = [];
  #sent = '';
  /** Ids of the consumers that were named last. */
  #named: ReadonlySet<string> = new Set();
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #isOnline = false;
  #timer: Timer;
  #dueMs = 0;

  constructor(clock: Clock, send: (tiles: Tiles) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** By `participantId/trackId`. What was named before and is not any more is not shown. */
  set(tiles: Readonly<Record<string, Tile>>): void {
    for (const key of this.#told.keys()) if (!(key in tiles)) this.#told.set(key, { width: 0, height: 0 });
    for (const [key, tile] of Object.entries(tiles)) this.#told.set(key, tile);
    this.#schedule();
  }

  /** What there is to be shown now. */
  setReceived(received: readonly Received[]): void {
    this.#received = received;
    this.#schedule();
  }

  /** After a lost socket it is said anew: what was sent may not have arrived. */
  setOnline(isOnline: boolean): void {
    this.#isOnline = isOnline;
    this.#sent = '';
    this.#named = new Set();
    this.#schedule();
  }

  /** Forgets those of tracks that are published no more. */
  keep(isPublished: (key: string) => boolean): void {
    for (const key of this.#told.keys()) if (!isPublished(key)) this.#told.delete(key);
  }

  isHidden(key: string): boolean {
    const tile = this.#told.get(key);
    return tile !== undefined && (tile.width === 0 || tile.height === 0);
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#isOnline = false;
  }

  #schedule(): void {
    if (!this.#isOnline) return;
    const nowMs = this.#clock.now();
    const pauseMs = this.#hasFresh() ? sdkLimits.tilesFreshMs : sdkLimits.tilesMs;
    const dueMs = Math.max(nowMs + sdkLimits.tilesGatherMs, this.#sentAtMs + pauseMs);
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return;
    this.#clock.clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, dueMs - nowMs);
  }

  /** Is there something that the Call Server does not send yet, since it was never named? */
  #hasFresh(): boolean {
    return this.#received.some(({ description }) => !this.#named.has(description.consumerId));
  }

  #flush(): void {
    const tiles = this.#tiles();
    const text = JSON.stringify(tiles);
    if (!this.#isOnline || text === this.#sent || text === '{}') return;
    this.#sent = text;
    this.#named = new Set(Object.keys(tiles));
    this.#sentAtMs = this.#clock.now();
    this.#send(tiles);
  }

  #tiles(): Tiles {
    const all = this.#received.map(({ description }): [string, Tiles[string]] => [
      description.consumerId,
      description.kind === 'audio' ? { width: 0, height: 0 } : this.#tileOf(keyOf(description)),
    ]);
    // Sound and what is large first, should there be more than one message takes.
    const isVideo = new Set(
      this.#received.filter((r) => r.description.kind === 'video').map((r) => r.description.consumerId),
    );
    const area = ([id, { width, height }]: (typeof all)[number]) =>
      isVideo.has(id) ? width * height : Number.POSITIVE_INFINITY;
    return Object.fromEntries(all.sort((a, b) => compare(area(b), area(a))).slice(0, contract.tilesMax));
  }

  #tileOf(key: string): Tiles[string] {
    const tile = this.#told.get(key);
    if (tile === undefined) return { width: sdkLimits.tileWidthDefault, height: sdkLimits.tileHeightDefault };
    const { width, height, speaking } = tile;
    return {
      width: pixels(width),
      height: pixels(height),
      ...(speaking === undefined ? {} : { speaking }),
    };
  }
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

/** Whole, and no more than the contract takes. */
function pixels(value: number): number {
  return Number.isFinite(value) ? Math.min(16_384, Math.max(0, Math.round(value))) : 0;
}
