import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { soundBlocked, unblockSound } from '../media/playback.ts';
import { Icon } from '../ui/icons.tsx';
import type { CallSession } from './call-session.ts';
import { callLimits } from './limits.ts';
import { MediaNotice } from './media-notice.tsx';

/** Laid over the stage, so that nothing moves when one comes or goes. */
export function Banners({ session }: { session: CallSession }) {
  const kind = session.deviceProblem.value;
  useShownFor(session.failure);
  useShownFor(session.notice);
  return (
    <div class="banners">
      {session.status.value === 'rejoining' && (
        <div class="notice" role="status" data-testid="reconnecting">
          <span class="spinner" aria-hidden="true" />
          <div class="grow">
            <strong>Reconnecting …</strong>
            Sound and picture go on where they can. You will be back without doing anything.
          </div>
        </div>
      )}
      {soundBlocked.value && (
        <button
          type="button"
          class="button primary"
          data-testid="tap-to-hear"
          onClick={() => void unblockSound()}
        >
          <Icon name="sound" />
          Tap to hear the others
        </button>
      )}
      {kind && (
        <Dismissable onClose={() => (session.deviceProblem.value = undefined)}>
          <MediaNotice media={session.media} kind={kind} onRetry={() => session.retryDevice(kind)} />
        </Dismissable>
      )}
      <UnheardHint session={session} />
      {session.me?.bandwidth === 'audio-only' && (
        <div class="notice" role="status" data-testid="camera-paused">
          <div class="grow">
            <strong>Your camera is paused</strong>
            Your connection does not carry it. Your sound goes on, and the picture comes back by itself.
          </div>
        </div>
      )}
      {session.notice.value && (
        <div class="notice" data-testid="notice">
          {session.notice.value}
        </div>
      )}
      {session.failure.value && <div class="notice bad">{session.failure.value}</div>}
    </div>
  );
}

/** Speaks, but is muted: nobody else would say so. */
function UnheardHint({ session }: { session: CallSession }) {
  const [shown, setShown] = useState(false);
  // Closed: not again before one was unmuted in between.
  const [closed, setClosed] = useState(false);
  const speaks = session.speaking.unheard.value;
  const muted = !session.microphoneOn;
  useEffect(() => {
    if (!muted) {
      setShown(false);
      setClosed(false);
    } else if (speaks) setShown(true);
    else {
      const timer = setTimeout(() => setShown(false), callLimits.unheardMs);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [muted, speaks]);
  if (!shown || closed || !muted) return null;
  return (
    <Dismissable onClose={() => setClosed(true)}>
      <div class="notice" role="status" data-testid="muted-hint">
        <Icon name="mic-off" size={20} />
        <div class="grow">
          <strong>You are muted</strong>
          Nobody hears what you say.
        </div>
        <button type="button" class="button compact" onClick={session.toggleMicrophone}>
          Unmute
        </button>
      </div>
    </Dismissable>
  );
}

function Dismissable(props: { onClose: () => void; children: ComponentChildren }) {
  return (
    <div class="dismissable">
      {props.children}
      <button
        type="button"
        class="button compact icon-only"
        aria-label="Close this notice"
        onClick={props.onClose}
      >
        <Icon name="close" size={18} />
      </button>
    </div>
  );
}

function useShownFor(text: Signal<string | undefined>): void {
  const { value } = text;
  useEffect(() => {
    if (value === undefined) return;
    const timer = setTimeout(() => (text.value = undefined), callLimits.noticeMs);
    return () => clearTimeout(timer);
  }, [value, text]);
}
