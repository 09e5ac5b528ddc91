/** Waits until the condition holds; the limit is only there so that a failing test ends. */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  what: string,
  msMax = 20_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const until = performance.now() + msMax;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<Exclude<T, false>>;
    if (performance.now() > until) throw new Error(`waited ${msMax} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
