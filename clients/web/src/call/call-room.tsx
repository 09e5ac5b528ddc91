import type { ParticipantView } from '@ringback/schemas';
import { useEffect, useState } from 'preact/hooks';
import { timelinePath } from '../routes.ts';
import { Icon } from '../ui/icons.tsx';
import { Logo } from '../ui/logo.tsx';
import { ThemeButton } from '../ui/top-bar.tsx';
import { Banners } from './banners.tsx';
import type { CallSession } from './call-session.ts';
import { Controls, copyCallLink, type RoomDialog } from './controls.tsx';
import { DevicesDialog, EndDialog, HelpDialog, RemoveDialog } from './dialogs.tsx';
import { PeoplePanel } from './people-panel.tsx';
import { isTyping, shortcutOf, type Shortcut } from './shortcuts.ts';
import { Stage } from './stage.tsx';

export function CallRoom({ callId, session }: { callId: string; session: CallSession }) {
  const [dialog, setDialog] = useState<RoomDialog>();
  const [peopleOpen, setPeopleOpen] = useState(false);
  const togglePeople = () => setPeopleOpen((open) => !open);
  useShortcuts(session, setDialog, togglePeople);
  const close = () => setDialog(undefined);
  const remove = (person: ParticipantView) => setDialog({ remove: person });
  return (
    <div class="room in-call">
      <RoomBar callId={callId} session={session} />
      <main class="room-main">
        <h1 class="visually-hidden">{session.view.value?.name ?? 'Call'}</h1>
        <Stage session={session} onRemove={remove} />
        {peopleOpen && <PeoplePanel session={session} onClose={togglePeople} onRemove={remove} />}
        <Banners session={session} />
      </main>
      <Controls session={session} peopleOpen={peopleOpen} onPeople={togglePeople} onDialog={setDialog} />
      {dialog === 'devices' && <DevicesDialog session={session} onClose={close} />}
      {dialog === 'help' && <HelpDialog onClose={close} />}
      {dialog === 'end' && <EndDialog session={session} onClose={close} />}
      {typeof dialog === 'object' && (
        <RemoveDialog session={session} person={dialog.remove} onClose={close} />
      )}
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

function useShortcuts(
  session: CallSession,
  openDialog: (dialog: RoomDialog) => void,
  togglePeople: () => void,
): void {
  useEffect(() => {
    const actions: Record<Shortcut, () => void> = {
      mute: session.toggleMicrophone,
      camera: session.toggleCamera,
      screen: session.screen.toggle,
      hand: session.toggleHand,
      people: togglePeople,
      view: session.stage.toggleView,
      previous: () => session.stage.turn(-1),
      next: () => session.stage.turn(1),
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
