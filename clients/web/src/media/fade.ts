/** Steps of a fade: enough that none is a click. */
const steps = 5;

/** Not sounding yet. Where the page may not set volumes (iOS), muted stands in for volume 0. */
export function makeQuiet(element: HTMLMediaElement): void {
  element.volume = 0;
  element.muted = element.volume !== 0;
}

/** Moves an element's volume to 0 or 1 within `ms`. Returns a function that leaves it where it is. */
export function fade(
  element: HTMLMediaElement,
  to: 0 | 1,
  ms: number,
  done: () => void = () => {},
): () => void {
  const from = element.volume;
  let step = 0;
  if (to === 1) element.muted = false;
  const timer = setInterval(() => {
    step += 1;
    element.volume = from + ((to - from) * step) / steps;
    if (step < steps) return;
    clearInterval(timer);
    if (to === 0) element.muted = true;
    done();
  }, ms / steps);
  return () => clearInterval(timer);
}
