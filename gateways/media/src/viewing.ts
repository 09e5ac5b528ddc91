import { preferredLayers, priorityOf, type Tile } from '@ringback/domain';
import type { Clock, Logger } from '@ringback/runtime';
import type { Layers, Tiles } from '@ringback/schemas';
import { limits } from './limits.ts';
import type { LiveConsumer } from './live.ts';

interface View {
  /** The client has its end of it. */
  ready: boolean;
  /** Undefined: the client has not said how large it shows it. */
  tile: Tile | undefined;
  readonly since: number;
  /** What was last asked of mediasoup. */
  paused: boolean;
  preferred: Layers | null;
  priority: number | undefined;
}

/** What each viewer can see now, and so what mediasoup is asked to send: paused or not, which layers, who first. */
export class Viewing {
  readonly #views = new Map<LiveConsumer, View>();
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Somebody wants other layers of this than before. */
  readonly #onPreferred: (consumer: LiveConsumer) => void;

  constructor(clock: Clock, logger: Logger, onPreferred: (consumer: LiveConsumer) => void) {
    this.#clock = clock;
    this.#logger = logger;
    this.#onPreferred = onPreferred;
  }

  add(consumer: LiveConsumer): void {
    const preferred = preferredLayers(consumer.from.stack, undefined);
    const since = this.#clock.monotonic();
    this.#views.set(consumer, {
      ready: false,
      tile: undefined,
      since,
      paused: true,
      preferred,
      priority: undefined,
    });
    this.#onPreferred(consumer);
  }

  remove(consumer: LiveConsumer): void {
    this.#views.delete(consumer);
  }

  /** The client has its ends of these, or had time enough. */
  ready(consumers: readonly LiveConsumer[]): void {
    for (const consumer of consumers) {
      const view = this.#views.get(consumer);
      if (view === undefined || view.ready) continue;
      view.ready = true;
      this.#apply(consumer, view);
    }
  }

  /**
   * How large a client shows things; what it does not name it does not show. Where it names none it speaks of another
   * leg: during a switch it shows what comes by the old one until all of the new one is there.
   *
   * @param consumers all that it has of one leg
   */
  show(consumers: readonly LiveConsumer[], tiles: Tiles): void {
    if (!consumers.some(({ consumer }) => Object.hasOwn(tiles, consumer.id))) return;
    const now = this.#clock.monotonic();
    for (const consumer of consumers) {
      const view = this.#views.get(consumer);
      if (view === undefined) continue;
      const tile = Object.hasOwn(tiles, consumer.consumer.id) ? tiles[consumer.consumer.id] : undefined;
      if (tile !== undefined) {
        view.ready = true;
        view.tile = tile;
      } else if (view.tile !== undefined || now - view.since > limits.resumeMs) {
        // Said before it heard of a new one, the list says nothing of that.
        view.tile = hidden;
      }
      this.#apply(consumer, view);
    }
  }

  /** What the viewer's tile asks for; null: it is hidden. */
  preferred(consumer: LiveConsumer): Layers | null {
    return this.#views.get(consumer)?.preferred ?? null;
  }

  tile(consumer: LiveConsumer): Tile | undefined {
    return this.#views.get(consumer)?.tile;
  }

  #apply(live: LiveConsumer, view: View): void {
    const { consumer, from } = live;
    // Sound is heard however small its picture is.
    const tile = from.kind === 'video' ? view.tile : undefined;
    const preferred = preferredLayers(from.stack, tile);
    if (
      preferred?.spatialLayer !== view.preferred?.spatialLayer ||
      preferred?.temporalLayer !== view.preferred?.temporalLayer
    ) {
      view.preferred = preferred;
      if (preferred !== null && consumer.type !== 'simple')
        this.#tell(live, consumer.setPreferredLayers(preferred));
      this.#onPreferred(live);
    }
    const priority = priorityOf(tile, from.isScreen);
    if (from.kind === 'video' && priority !== view.priority && preferred !== null) {
      view.priority = priority;
      this.#tell(live, consumer.setPriority(priority));
    }
    const paused = !view.ready || preferred === null;
    if (paused === view.paused) return;
    view.paused = paused;
    this.#tell(live, paused ? consumer.pause() : consumer.resume());
  }

  /** Requests of one worker are done in their order: nothing has to wait for them. */
  #tell({ consumer }: LiveConsumer, request: Promise<void>): void {
    request.catch((error: unknown) => {
      if (!consumer.closed)
        this.#logger.warn({ consumerId: consumer.id, err: error }, 'consumer not changed');
    });
  }
}

const hidden: Tile = { width: 0, height: 0 };
