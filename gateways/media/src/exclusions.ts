import { endpointKey, type Excluded, type MediaGraph } from '@ringback/domain';
import type { CallView } from '@ringback/schemas';
import { limits } from './limits.ts';

/** What is not to be had, whatever the facts say: for good (refused, left over), or for a while (transports that failed). */
export class Exclusions implements Excluded {
  readonly endpoints = new Set<string>();
  readonly producers = new Set<string>();
  readonly #consumers = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #after: (ms: number, task: () => void) => void;

  constructor(after: (ms: number, task: () => void) => void) {
    this.#after = after;
  }

  /** Left alone for a while, longer each time; for good after too many times. */
  endpoint(key: string, onRested: () => void): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.endpoints.add(key);
    if (failures > limits.rebuildsMax) return;
    this.#after(limits.rebuildMs * 2 ** (failures - 1), () => {
      this.endpoints.delete(key);
      onRested();
    });
  }

  /** Forgotten where it stays so for a while: else a client that connects and closes would have us build for ever. */
  connected(key: string): void {
    const failures = this.#failures.get(key);
    if (failures === undefined) return;
    this.#after(limits.healthyMs, () => {
      if (this.#failures.get(key) === failures) this.#failures.delete(key);
    });
  }

  producer(producerId: string): void {
    this.producers.add(producerId);
  }

  consumer(key: string): void {
    this.#consumers.add(key);
  }

  withoutConsumers(graph: MediaGraph): MediaGraph {
    if (this.#consumers.size === 0) return graph;
    return {
      ...graph,
      consumers: new Map([...graph.consumers].filter(([key]) => !this.#consumers.has(key))),
    };
  }

  /** What is about pages, tracks and epochs that are gone is forgotten. */
  prune(view: CallView): void {
    const people = Object.values(view.participants);
    const produced = new Set(
      people.flatMap((p) => Object.values(p.producers ?? {}).map((x) => x.producerId)),
    );
    for (const id of this.producers) if (!produced.has(id)) this.producers.delete(id);
    const epochs = [view.route?.epoch, view.route?.before?.epoch].filter((epoch) => epoch !== undefined);
    const pages = new Set(
      people.flatMap((p) => epochs.map((epoch) => endpointKey(epoch, p.participantId, p.instanceId))),
    );
    const isGone = (key: string) => !pages.has(key);
    for (const key of this.#failures.keys()) {
      if (!isGone(key)) continue;
      this.#failures.delete(key);
      this.endpoints.delete(key);
    }
    for (const key of this.#consumers)
      if (isGone(key.slice(0, key.indexOf('<')))) this.#consumers.delete(key);
  }
}
