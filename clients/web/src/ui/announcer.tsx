import { signal } from '@preact/signals';

const message = signal('');

/** Says something to screen readers, without moving the focus. */
export function announce(text: string): void {
  // The same text twice is announced only if the region changed in between.
  message.value = text === message.value ? `${text}\u00a0` : text;
}

export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {message.value}
    </div>
  );
}
