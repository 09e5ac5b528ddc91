/** Anything that can be listened to: event names and what comes with each. */
export interface Listenable<Events> {
  /** Calls `listener` for each such event, in order. Returns a function that stops it. */
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void;
}

/** A typed emitter for browsers and Node. Owners keep it private and show {@link Listenable} only. */
export class Emitter<Events> implements Listenable<Events> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();

  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (payload: Events[Name]) => void)(payload);
      } catch (error) {
        // A listener's bug must not stop the folding of events, and must not be swallowed either.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
