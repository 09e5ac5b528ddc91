import { watchedLayer } from '@ringback/domain';
import type { Clock } from '@ringback/runtime';
import type { Layers } from '@ringback/schemas';
import { limits } from './limits.ts';
import type { LiveProducer } from './live.ts';

interface Watched {
  /** As last told: everything is sent until somebody says otherwise. */
  told: number;
  cancel: (() => void) | undefined;
}

export interface UnwatchedPorts {
  readonly clock: Clock;
  /** What its viewers ask for; null: hidden there. */
  readonly preferredOf: (producer: LiveProducer) => readonly (Layers | null)[];
  readonly tell: (producer: LiveProducer, maxSpatialLayer: number) => void;
}

/**
 * Layers that nobody watches need not be sent: the sender is told the largest that somebody does. More is told at once,
 * less only when it has stayed so for `unwatchedMs`.
 */
export class Unwatched {
  readonly #ports: UnwatchedPorts;
  readonly #producers = new Map<LiveProducer, Watched>();

  constructor(ports: UnwatchedPorts) {
    this.#ports = ports;
  }

  /** Look again: its viewers have changed, or what they ask for. */
  look(producer: LiveProducer): void {
    if (producer.kind !== 'video' || producer.producer.closed) return;
    const state = this.#producers.get(producer) ?? {
      told: producer.stack.scales.length - 1,
      cancel: undefined,
    };
    this.#producers.set(producer, state);
    const wanted = this.#wanted(producer);
    if (wanted >= state.told) {
      state.cancel?.();
      state.cancel = undefined;
      if (wanted > state.told) this.#tell(producer, state, wanted);
    } else
      state.cancel ??= this.#ports.clock.after(limits.unwatchedMs, () => {
        state.cancel = undefined;
        const now = this.#wanted(producer);
        if (now < state.told) this.#tell(producer, state, now);
      });
  }

  remove(producer: LiveProducer): void {
    this.#producers.get(producer)?.cancel?.();
    this.#producers.delete(producer);
  }

  #wanted(producer: LiveProducer): number {
    return watchedLayer(this.#ports.preferredOf(producer));
  }

  #tell(producer: LiveProducer, state: Watched, maxSpatialLayer: number): void {
    state.told = maxSpatialLayer;
    this.#ports.tell(producer, maxSpatialLayer);
  }
}
