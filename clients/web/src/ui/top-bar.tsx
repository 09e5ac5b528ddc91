import type { ComponentChildren } from 'preact';
import { nextTheme, theme } from '../session/theme.ts';
import { Icon } from './icons.tsx';
import { Logo } from './logo.tsx';

const themeWords = { auto: 'as the system', light: 'light', dark: 'dark' } as const;
const themeIcons = { auto: 'auto', light: 'sun', dark: 'moon' } as const;

export function ThemeButton() {
  const label = `Colours: ${themeWords[theme.value]}`;
  return (
    <button type="button" class="button quiet icon-only" title={label} aria-label={label} onClick={nextTheme}>
      <Icon name={themeIcons[theme.value]} />
    </button>
  );
}

export function TopBar({ children }: { children?: ComponentChildren }) {
  return (
    <header class="top-bar">
      <a class="brand" href="/" aria-label="Ringback, home">
        <Logo size={30} />
        Ringback
      </a>
      <span class="grow" />
      {children}
      <ThemeButton />
    </header>
  );
}
