import { effect, signal } from '@preact/signals';
import { browserStore } from './storage.ts';

/** `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

const key = 'ringback.theme';
const order: readonly Theme[] = ['auto', 'light', 'dark'];

export const theme = signal<Theme>(order.find((t) => t === browserStore.get(key)) ?? 'auto');

export function nextTheme(): void {
  theme.value = order[(order.indexOf(theme.value) + 1) % order.length] ?? 'auto';
  browserStore.set(key, theme.value);
}

effect(() => {
  const root = document.documentElement;
  if (theme.value === 'auto') delete root.dataset.theme;
  else root.dataset.theme = theme.value;
});
