import { batch, computed, signal, type Signal } from '@preact/signals';
import { announce } from '../ui/announcer.tsx';
import { callLimits } from './limits.ts';

/** `auto`: a grid, but a shared screen takes the room. `grid` and `speaker` are what somebody asked for. */
export type View = 'auto' | 'grid' | 'speaker';

export interface LargeFacts {
  view: View;
  /** An item that somebody pinned for themselves. */
  pinned: string | undefined;
  /** Items of shared screens, the latest last. */
  screens: readonly string[];
  /** The other people, in order. */
  others: readonly string[];
  /** Who of them has the floor. */
  active: string | undefined;
  self: string | undefined;
}

/** Which item takes the room; undefined: a grid. */
export function largeItem({ view, pinned, screens, others, active, self }: LargeFacts): string | undefined {
  const all = [...screens, ...others, ...(self === undefined ? [] : [self])];
  if (pinned !== undefined && all.includes(pinned)) return pinned;
  if (view === 'grid') return undefined;
  if (screens.length > 0) return screens.at(-1);
  if (view === 'auto') return undefined;
  return active !== undefined && others.includes(active) ? active : others[0];
}

export const screenItem = (participantId: string) => `screen:${participantId}`;

/** How somebody looks at the call; for this page only. */
export class StageState {
  readonly view = signal<View>('auto');
  readonly pinned = signal<string | undefined>(undefined);
  /** From 0. */
  readonly page = signal(0);
  /** As the stage last laid them out. */
  readonly pages = signal(1);
  readonly #large: Signal<string | undefined> = signal(undefined);
  readonly isLarge = computed(() => this.#large.value !== undefined);

  /** The stage tells what it shows. */
  laidOut(large: string | undefined, page: number, pages: number): void {
    batch(() => {
      this.#large.value = large;
      this.page.value = page;
      this.pages.value = pages;
    });
  }

  /** From whatever is large to the grid, and from the grid to whoever speaks. */
  toggleView = (): void => {
    const view = this.isLarge.peek() ? 'grid' : 'speaker';
    batch(() => {
      this.view.value = view;
      this.pinned.value = undefined;
      this.page.value = 0;
    });
    announce(view === 'grid' ? 'Grid' : 'Speaker view');
  };

  togglePin = (item: string, name: string): void => {
    const pinned = this.pinned.peek() === item;
    this.pinned.value = pinned ? undefined : item;
    announce(pinned ? `${name} is not pinned any more` : `${name} is pinned`);
  };

  /** A screen that somebody begins to share is meant to be looked at. */
  screenShared(): void {
    if (this.view.peek() === 'grid') this.view.value = 'auto';
  }

  turn = (by: number): void => {
    const pages = this.pages.peek();
    const to = Math.min(Math.max(0, this.page.peek() + by), pages - 1);
    if (to === this.page.peek()) return;
    this.page.value = to;
    announce(`Page ${to + 1} of ${pages}`);
  };
}

export type TileSizes = Record<string, { width: number; height: number; speaking?: boolean }>;

/**
 * How large each video is shown, in device pixels, by `participantId/trackId`; 0 where it is not.
 *
 * @param boxOf CSS pixels of the tile that shows the track
 */
export function tileSizes<T extends { participantId: string; trackId: string }>(
  videos: readonly T[],
  boxOf: (video: T) => { width: number; height: number } | undefined,
  devicePixelRatio: number,
  active: string | undefined,
): TileSizes {
  const sizes: TileSizes = {};
  for (const video of videos) {
    const box = boxOf(video);
    const pixels = (length: number) =>
      Math.min(Math.round(length * devicePixelRatio), callLimits.tilePixelsMax);
    sizes[`${video.participantId}/${video.trackId}`] = {
      width: pixels(box?.width ?? 0),
      height: pixels(box?.height ?? 0),
      ...(video.participantId === active ? { speaking: true } : {}),
    };
  }
  return sizes;
}
