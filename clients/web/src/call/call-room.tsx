import { useEffect, useState } from 'preact/hooks';
import { soundBlocked, unblockSound } from '../media/playback.ts';
import { timelinePath } from '../routes.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { Logo } from '../ui/logo.tsx';
import { ThemeButton } from '../ui/top-bar.tsx';
import type { CallSession } from './call-session.ts';
import { Controls, copyCallLink, type RoomDialog } from './controls.tsx';
import { DeviceSelects } from './device-selects.tsx';
import { LevelMeter } from './level-meter.tsx';
import { MediaNotice } from './media-notice.tsx';
import { isTyping, shortcutOf, shortcuts, type Shortcut } from './shortcuts.ts';
import { Stage } from './stage.tsx';

/** How long a failure is shown. Milliseconds. */
const failureMs = 6_000;

export function CallRoom({ callId, session }: { callId: string; session: CallSession }) {
  const [dialog, setDialog] = useState<RoomDialog>();
  useShortcuts(session, setDialog);
  const close = () => setDialog(undefined);
  return (
    <div class="room in-call">
      <RoomBar callId={callId} session={session} />
      <main class="room-main">
        <h1 class="visually-hidden">{session.view.value?.name ?? 'Call'}</h1>
        <Stage session={session} />
        <Banners session={session} />
      </main>
      <Controls session={session} onDialog={setDialog} />
      {dialog === 'devices' && <DevicesDialog session={session} onClose={close} />}
      {dialog === 'help' && <HelpDialog onClose={close} />}
      {dialog === 'end' && <EndDialog session={session} onClose={close} />}
    </div>
  );
}

function RoomBar({ callId, session }: { callId: string; session: CallSession }) {
  const view = session.view.value;
  return (
    <header class="room-bar">
      <span class="brand">
        <Logo size={26} />
      </span>
      <strong class="ellipsis">{view?.name ?? 'Call'}</strong>
      {view?.locked && (
        <span class="pill">
          <Icon name="lock" size={14} /> locked
        </span>
      )}
      <span class="grow" />
      <a
        class="button quiet compact"
        href={timelinePath(callId)}
        target="_blank"
        rel="noopener"
        title="Timeline of this call, in a new tab"
      >
        <Icon name="timeline" size={18} />
        <span class="wide-only">Timeline</span>
        <span class="visually-hidden"> in a new tab</span>
      </a>
      <ThemeButton />
    </header>
  );
}

/** Laid over the stage, so that nothing moves when one comes or goes. */
function Banners({ session }: { session: CallSession }) {
  const failure = session.failure.value;
  useEffect(() => {
    if (failure === undefined) return;
    const timer = setTimeout(() => (session.failure.value = undefined), failureMs);
    return () => clearTimeout(timer);
  }, [failure, session]);
  const kind = session.deviceProblem.value;
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
        <div class="dismissable">
          <MediaNotice media={session.media} kind={kind} onRetry={() => session.retryDevice(kind)} />
          <button
            type="button"
            class="button compact icon-only"
            aria-label="Close this notice"
            onClick={() => (session.deviceProblem.value = undefined)}
          >
            <Icon name="close" size={18} />
          </button>
        </div>
      )}
      {failure && <div class="notice bad">{failure}</div>}
    </div>
  );
}

function DevicesDialog({ session, onClose }: { session: CallSession; onClose: () => void }) {
  return (
    <Dialog title="Devices" onClose={onClose}>
      <div class="stack">
        <DeviceSelects media={session.media} onDevice={session.chooseDevice} />
        <LevelMeter track={session.microphoneOn ? session.media.microphone.value : undefined} />
        <form method="dialog">
          <button class="button primary">Done</button>
        </form>
      </div>
    </Dialog>
  );
}

function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {shortcuts.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button class="button primary">Close</button>
      </form>
    </Dialog>
  );
}

function EndDialog({ session, onClose }: { session: CallSession; onClose: () => void }) {
  return (
    <Dialog title="End the call for everyone?" onClose={onClose}>
      <div class="stack">
        <p>Everybody is sent out and the call does not open again. Its timeline stays.</p>
        <form method="dialog" class="row">
          <button class="button danger" data-testid="end-call-confirm" onClick={session.endForAll}>
            End for all
          </button>
          {/* First in focus: Enter must not end a call by accident. */}
          <button class="button" autoFocus>
            Keep talking
          </button>
        </form>
      </div>
    </Dialog>
  );
}

function useShortcuts(session: CallSession, openDialog: (dialog: RoomDialog) => void): void {
  useEffect(() => {
    const actions: Record<Shortcut, () => void> = {
      mute: session.toggleMicrophone,
      camera: session.toggleCamera,
      screen: session.screen.toggle,
      link: () => void copyCallLink(),
      devices: () => openDialog('devices'),
      leave: session.leave,
      help: () => openDialog('help'),
    };
    const onKey = (key: KeyboardEvent) => {
      const shortcut = shortcutOf(key, isTyping(key.target));
      if (shortcut === undefined) return;
      key.preventDefault();
      actions[shortcut]();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [session]);
}
