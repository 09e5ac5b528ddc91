export type Shortcut =
  | 'mute'
  | 'camera'
  | 'screen'
  | 'hand'
  | 'people'
  | 'view'
  | 'previous'
  | 'next'
  | 'link'
  | 'devices'
  | 'leave'
  | 'help';

/** Leaving asks for Shift: a slip on a single key must not end somebody's call. */
export const shortcuts: readonly { shortcut: Shortcut; keys: string; does: string }[] = [
  { shortcut: 'mute', keys: 'M', does: 'Mute or unmute yourself' },
  { shortcut: 'camera', keys: 'V', does: 'Camera on or off' },
  { shortcut: 'screen', keys: 'S', does: 'Share your screen, or stop' },
  { shortcut: 'hand', keys: 'H', does: 'Raise or lower your hand' },
  { shortcut: 'people', keys: 'P', does: 'Show or hide the list of people' },
  { shortcut: 'view', keys: 'G', does: 'Grid, or large whoever speaks' },
  { shortcut: 'previous', keys: '←', does: 'Previous page of people' },
  { shortcut: 'next', keys: '→', does: 'Next page of people' },
  { shortcut: 'link', keys: 'C', does: "Copy the call's link" },
  { shortcut: 'devices', keys: 'D', does: 'Choose camera, microphone, speaker' },
  { shortcut: 'leave', keys: 'Shift L', does: 'Leave the call' },
  { shortcut: 'help', keys: '?', does: 'This list' },
];

export const keysOf = (shortcut: Shortcut) => shortcuts.find((s) => s.shortcut === shortcut)?.keys ?? '';

const arrows: Record<string, Shortcut> = { ArrowLeft: 'previous', ArrowRight: 'next' };

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'repeat'>;

/** `typing`: the focus is where letters are text. */
export function shortcutOf(key: Key, typing: boolean): Shortcut | undefined {
  if (typing || key.repeat || key.ctrlKey || key.metaKey || key.altKey) return undefined;
  if (key.key === '?') return 'help';
  const arrow = arrows[key.key];
  if (arrow !== undefined) return arrow;
  const letter = key.key.toUpperCase();
  const pressed = key.shiftKey ? `Shift ${letter}` : letter;
  return shortcuts.find((s) => s.keys === pressed)?.shortcut;
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea, dialog, [popover]') !== null;
}
