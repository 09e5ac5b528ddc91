import type { CallView, ParticipantView, TrackDescription } from '@ringback/schemas';
import { sdkLimits } from '../limits.ts';
import type { Clock, Timer } from '../ports.ts';
import type { RemoteTrack, TrackArriving, TrackSwapped } from '../types.ts';
import { flowOf, minus, noCost, plus, type Cost } from './flow.ts';
import type { ReceiverStats } from './leg.ts';
import { keyOf, othersWithMedia, routeOf } from './route.ts';

interface Item {
  readonly remote: RemoteTrack;
  /** Of the route whose leg carries it. */
  readonly epoch: number;
  readonly stats: ReceiverStats;
  readonly sinceMs: number;
  /** From when on its statistics said that media flows. */
  flowsSinceMs: number | undefined;
  isShown: boolean;
  /** Of what was shown when a switch began. */
  costBefore: Cost | undefined;
  cost: Cost;
}

interface Slot {
  current: Item;
  arriving: Item | undefined;
  /** Of a leg that is kept beside the current one's, to fall back to. */
  before: Item | undefined;
}

export interface StageHandlers {
  started(track: RemoteTrack): void;
  ended(track: RemoteTrack): void;
  arriving(track: TrackArriving): void;
  swapped(swap: TrackSwapped): void;
  /** The first picture of somebody is there. */
  firstFrame(): void;
  /** Something came, went or is shown now. */
  changed(): void;
  /** Whether the page shows this one nowhere: then nothing of it need come. */
  isHidden(key: string): boolean;
}

/**
 * What is shown of each track that arrives, while it may arrive on two legs: the old leg's until the new leg's really
 * flows. Makes before it breaks.
 */
export class Stage {
  readonly #clock: Clock;
  readonly #on: StageHandlers;
  readonly #slots = new Map<string, Slot>();
  #view: CallView | undefined;
  #switch = { epoch: 0, sinceMs: 0, cost: noCost };
  #timer: Timer;
  #isLooking = false;
  #hasFirstFrame = false;
  #closed = false;

  constructor(clock: Clock, handlers: StageHandlers) {
    this.#clock = clock;
    this.#on = handlers;
  }

  /** What is current: the old leg's until the new one's is shown. */
  get tracks(): readonly RemoteTrack[] {
    return [...this.#slots.values()].map(({ current }) => current.remote);
  }

  update(view: CallView): void {
    this.#view = view;
    const { epoch } = routeOf(view);
    if (epoch !== this.#switch.epoch) this.#switch = { epoch, sinceMs: this.#clock.now(), cost: noCost };
    this.#settleQuiet();
    if (this.#timer === undefined) this.#look();
  }

  /** A leg's track is there. */
  add(remote: RemoteTrack, epoch: number, stats: ReceiverStats): void {
    const item = {
      remote,
      epoch,
      stats,
      sinceMs: this.#clock.now(),
      flowsSinceMs: undefined,
      isShown: false,
      costBefore: undefined,
      cost: noCost,
    };
    const slot = this.#slots.get(keyOf(remote));
    if (slot === undefined) {
      this.#slots.set(keyOf(remote), { current: item, arriving: undefined, before: undefined });
      this.#on.started(remote);
    } else if (epoch >= slot.current.epoch) {
      if (slot.arriving !== undefined) this.#on.ended(slot.arriving.remote);
      slot.arriving = item;
      this.#on.arriving({ ...remote, epoch });
    } else slot.before = item;
    this.#settleQuiet();
    this.#look();
    this.#on.changed();
  }

  /** A leg's track is gone. */
  remove(remote: RemoteTrack): void {
    const slot = this.#slots.get(keyOf(remote));
    if (slot === undefined) return;
    if (slot.before?.remote === remote) slot.before = undefined;
    else if (slot.arriving?.remote === remote) {
      slot.arriving = undefined;
      this.#on.ended(remote);
    } else if (slot.current.remote === remote) {
      // Better a picture that is late than none, and better still the one that was good until now.
      const { before } = slot;
      slot.before = undefined;
      const next = before ?? slot.arriving;
      if (next !== undefined) {
        this.#swap(slot, next, next.isShown);
        slot.before = undefined;
      } else {
        this.#slots.delete(keyOf(remote));
        this.#on.ended(remote);
      }
    } else return;
    this.#look();
    this.#on.changed();
  }

  /** The page shows it: said by the page, which knows better than statistics. */
  shown(track: MediaStreamTrack): void {
    for (const slot of this.#slots.values()) {
      if (slot.arriving?.remote.track === track) this.#show(slot, slot.arriving);
      else if (slot.current.remote.track === track) this.#show(slot, slot.current);
    }
  }

  /**
   * Whether everything that the others send is shown by the current route. Who lost their socket sends on: they are
   * waited for as long as there is anything of them to lose.
   */
  isComplete(view: CallView, participantId: string): boolean {
    const { epoch } = routeOf(view);
    return othersWithMedia(view, participantId)
      .filter((person) => person.presence === 'connected' || this.#hasAnyOf(person))
      .every((person) =>
        Object.values(person.tracks).every((track) => {
          if (this.#isQuiet(person, track)) return true;
          const current = this.#slots.get(keyOf({ ...track, participantId: person.participantId }))?.current;
          return current?.epoch === epoch && current.isShown;
        }),
      );
  }

  #hasAnyOf({ participantId, tracks }: ParticipantView): boolean {
    return Object.values(tracks).some((track) => this.#slots.has(keyOf({ ...track, participantId })));
  }

  /** What the switch under way cost what was shown, and how long it took so far. */
  samples(): Record<string, number> {
    const { sinceMs, cost } = this.#switch;
    return { durationMs: this.#clock.now() - sinceMs, tracks: this.#slots.size, ...cost };
  }

  close(): void {
    this.#closed = true;
    this.#clock.clearTimeout(this.#timer);
    const items = [...this.#slots.values()].flatMap(({ current, arriving }) => [current, arriving ?? []]);
    this.#slots.clear();
    for (const { remote } of items.flat()) this.#on.ended(remote);
  }

  /** What nobody can see or hear now needs no care: it is swapped as it comes. */
  #settleQuiet(): void {
    for (const slot of this.#slots.values()) {
      const { arriving } = slot;
      if (arriving !== undefined && this.#isQuietItem(arriving)) this.#swap(slot, arriving, false);
    }
  }

  #isQuietItem({ remote }: Item): boolean {
    const person = this.#view?.participants[remote.participantId];
    const track = person?.tracks[remote.trackId];
    return person !== undefined && track !== undefined && this.#isQuiet(person, track);
  }

  #isQuiet(person: ParticipantView, track: TrackDescription): boolean {
    if (track.muted || (track.source === 'camera' && person.bandwidth === 'audio-only')) return true;
    const key = keyOf({ participantId: person.participantId, trackId: track.trackId });
    return track.kind === 'video' && this.#on.isHidden(key);
  }

  #show(slot: Slot, item: Item): void {
    if (slot.arriving === item) this.#swap(slot, item, true);
    else if (item.isShown) return;
    else item.isShown = true;
    if (item.remote.track.kind === 'video') {
      this.#hasFirstFrame = true;
      this.#on.firstFrame();
    }
    this.#on.changed();
  }

  #swap(slot: Slot, item: Item, isShown: boolean): void {
    const { current } = slot;
    if (current.costBefore !== undefined)
      this.#switch.cost = plus(this.#switch.cost, minus(current.cost, current.costBefore));
    item.isShown = isShown;
    slot.current = item;
    if (slot.arriving === item) {
      slot.arriving = undefined;
      slot.before = current;
    }
    this.#on.swapped({ ...item.remote, before: current.remote });
  }

  /** Looks at what is not shown yet, again and again until there is nothing of that kind. */
  #look(): void {
    if (this.#isLooking || this.#closed) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const slots = [...this.#slots.values()].filter((slot) => this.#needsLook(slot));
    if (slots.length === 0) return;
    this.#isLooking = true;
    void Promise.all(slots.map((slot) => this.#lookAt(slot))).then(() => {
      this.#isLooking = false;
      if (this.#closed) return;
      const youngestMs = Math.max(...slots.map(({ current, arriving }) => (arriving ?? current).sinceMs));
      const isSlow = this.#clock.now() - youngestMs > sdkLimits.lookMsQuickMax;
      const delayMs = isSlow ? sdkLimits.lookMsSlow : sdkLimits.lookMs;
      this.#timer = this.#clock.setTimeout(() => this.#look(), delayMs);
    });
  }

  /** Before the first switch it is only for the first picture that anybody asks. */
  #needsLook({ current, arriving }: Slot): boolean {
    if (arriving !== undefined) return true;
    const matters = this.#switch.epoch > 0 || !this.#hasFirstFrame;
    return matters && !current.isShown && !this.#isQuietItem(current);
  }

  async #lookAt(slot: Slot): Promise<void> {
    const { current, arriving } = slot;
    const [before, now] = await Promise.all([flow(current), arriving && flow(arriving)]);
    if (this.#closed || slot.current !== current || slot.arriving !== arriving) return;
    if (before !== undefined) {
      current.cost = before.cost;
      if (arriving !== undefined) current.costBefore ??= before.cost;
      if (before.flows && !current.isShown) this.#show(slot, current);
    }
    if (arriving === undefined || now?.flows !== true) return;
    arriving.flowsSinceMs ??= this.#clock.now();
    // Sound needs no element of its own to be ready; a picture waits for the page, for a while.
    const waitMs = arriving.remote.track.kind === 'video' ? sdkLimits.shownMsMax : 0;
    if (this.#clock.now() - arriving.flowsSinceMs >= waitMs) this.#show(slot, arriving);
  }
}

async function flow(item: Item) {
  try {
    return flowOf(await item.stats(), item.remote.source);
  } catch {
    // Closed meanwhile: its end is on its way.
    return undefined;
  }
}
