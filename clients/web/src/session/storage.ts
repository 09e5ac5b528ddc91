/**
 * Web storage that never throws: where the browser blocks it (private windows, strict cookie settings) values
 * live as long as the page does.
 */
export interface Store {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
}

export function makeStore(open: () => Storage): Store {
  const fallback = new Map<string, string>();
  const attempt = <T>(action: (storage: Storage) => T): T | undefined => {
    try {
      return action(open());
    } catch {
      return undefined;
    }
  };
  return {
    get: (key) => fallback.get(key) ?? attempt((s) => s.getItem(key)) ?? undefined,
    set(key, value) {
      const kept = attempt((s) => {
        s.setItem(key, value);
        return true;
      });
      if (kept) fallback.delete(key);
      else fallback.set(key, value);
    },
    remove(key) {
      fallback.delete(key);
      attempt((s) => s.removeItem(key));
    },
  };
}

/** For this browser. */
export const browserStore = makeStore(() => localStorage);
/** For this tab; survives a reload. */
export const tabStore = makeStore(() => sessionStorage);

/** Reads JSON of a known shape; anything else counts as absent, as an older version may have written it. */
export function readJson<T>(
  store: Store,
  key: string,
  isShape: (value: unknown) => value is T,
): T | undefined {
  const text = store.get(key);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isShape(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
