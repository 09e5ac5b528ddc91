import { signal } from '@preact/signals';

/** The browser does not play sound before the person did something on the page. */
export const soundBlocked = signal(false);

const elements = new Set<HTMLMediaElement>();

/** Plays an element with sound, now or after the person's tap. Returns a function that forgets it. */
export function playSound(element: HTMLMediaElement): () => void {
  elements.add(element);
  void tryPlay(element);
  return () => {
    elements.delete(element);
    if (elements.size === 0) soundBlocked.value = false;
  };
}

/** To be called from a click: that is what the browser waits for. */
export async function unblockSound(): Promise<void> {
  soundBlocked.value = false;
  await Promise.all([...elements].map(tryPlay));
}

async function tryPlay(element: HTMLMediaElement): Promise<void> {
  try {
    await element.play();
  } catch (error) {
    // AbortError only says that another source was set meanwhile.
    if (error instanceof Error && error.name === 'NotAllowedError') soundBlocked.value = true;
  }
}
