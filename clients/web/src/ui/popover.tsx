import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Between the button and what it opens, and to the window's edge. CSS pixels. */
const gap = 6;

/**
 * A button that opens something over everything else, where nothing clips it. The browser closes it on Escape and
 * on a click elsewhere.
 */
export function Popover(props: {
  label: string;
  face: ComponentChildren;
  buttonClass: string;
  panelClass: string;
  /** A menu takes the focus when it opens. */
  role: 'menu' | 'group';
  testId: string;
  data?: Record<string, string>;
  children: (close: () => void) => ComponentChildren;
}) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const close = () => panel.current?.hidePopover();
  // Only now its contents are there to be measured.
  useLayoutEffect(() => {
    if (!open || !button.current || !panel.current) return;
    place(panel.current, button.current.getBoundingClientRect());
    if (props.role === 'menu') itemsOf(panel.current)[0]?.focus();
  }, [open]);
  return (
    <>
      <button
        ref={button}
        type="button"
        class={props.buttonClass}
        aria-label={props.label}
        title={props.label}
        aria-expanded={open}
        aria-haspopup={props.role === 'menu' ? 'menu' : undefined}
        data-testid={props.testId}
        {...props.data}
        popovertarget={id}
      >
        {props.face}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        class={`popover ${props.panelClass}`}
        role={props.role}
        aria-label={props.label}
        onToggle={(event) => setOpen(event.newState === 'open')}
        onKeyDown={(key) => props.role === 'menu' && moveFocus(key)}
      >
        {open && props.children(close)}
      </div>
    </>
  );
}

export function MenuItem(props: {
  children: ComponentChildren;
  danger?: boolean;
  testId?: string;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      role="menuitem"
      class={props.danger ? 'menu-item danger' : 'menu-item'}
      data-testid={props.testId}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

/** Below the button, or above where there is more room; within the window. */
function place(panel: HTMLElement, button: DOMRect): void {
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = button.bottom + gap;
  const fits = below + height + gap <= innerHeight;
  const top = fits ? below : Math.max(gap, button.top - gap - height);
  const left = Math.min(Math.max(gap, button.right - width), innerWidth - width - gap);
  panel.style.top = `${top}px`;
  panel.style.left = `${left}px`;
}

function itemsOf(panel: HTMLElement): HTMLElement[] {
  return [...panel.querySelectorAll<HTMLElement>('[role="menuitem"]')];
}

function moveFocus(key: KeyboardEvent): void {
  const panel = key.currentTarget as HTMLElement;
  const items = itemsOf(panel);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[key.key];
  if (to === undefined || items.length === 0) return;
  key.preventDefault();
  items[(to + items.length) % items.length]?.focus();
}
