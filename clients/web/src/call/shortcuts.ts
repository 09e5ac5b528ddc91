export type Shortcut = 'mute' | 'camera' | 'screen' | 'link' | 'devices' | 'leave' | 'help';

/** Leaving asks for Shift: a slip on a single key must not end somebody's call. */
export const shortcuts: readonly { shortcut: Shortcut; keys: string; does: string }[] = [
  { shortcut: 'mute', keys: 'M', does: 'Mute or unmute yourself' },
  { shortcut: 'camera', keys: 'V', does: 'Camera on or off' },
  { shortcut: 'screen', keys: 'S', does: 'Share your screen, or stop' },
  { shortcut: 'link', keys: 'C', does: "Copy the call's link" },
  { shortcut: 'devices', keys: 'D', does: 'Choose camera, microphone, speaker' },
  { shortcut: 'leave', keys: 'Shift L', does: 'Leave the call' },
  { shortcut: 'help', keys: '?', does: 'This list' },
];

export const keysOf = (shortcut: Shortcut) => shortcuts.find((s) => s.shortcut === shortcut)?.keys ?? '';

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'repeat'>;

/** `typing`: the focus is where letters are text. */
export function shortcutOf(key: Key, typing: boolean): Shortcut | undefined {
  if (typing || key.repeat || key.ctrlKey || key.metaKey || key.altKey) return undefined;
  if (key.key === '?') return 'help';
  const letter = key.key.toUpperCase();
  const pressed = key.shiftKey ? `Shift ${letter}` : letter;
  return shortcuts.find((s) => s.keys === pressed)?.shortcut;
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea, dialog') !== null;
}
