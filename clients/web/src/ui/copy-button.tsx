import { useEffect, useState } from 'preact/hooks';
import { Icon, type IconName } from './icons.tsx';
import { announce } from './announcer.tsx';

/** How long "Copied" is shown. Milliseconds. */
const shownMs = 2_000;

/** Copies and says so. Where the clipboard is closed to the page (plain http), the text is shown to be copied by hand. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied');
    return true;
  } catch {
    prompt('Copy this:', text);
    return false;
  }
}

export function CopyButton(props: { text: () => string; label: string; icon?: IconName }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), shownMs);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button type="button" class="button compact" onClick={() => void copyText(props.text()).then(setCopied)}>
      <Icon name={copied ? 'check' : (props.icon ?? 'copy')} size={18} />
      {copied ? 'Copied' : props.label}
    </button>
  );
}
