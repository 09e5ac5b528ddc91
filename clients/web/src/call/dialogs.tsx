import type { ParticipantView } from '@ringback/schemas';
import { Dialog } from '../ui/dialog.tsx';
import type { CallSession } from './call-session.ts';
import { DeviceSelects } from './device-selects.tsx';
import { LevelMeter } from './level-meter.tsx';
import { shortcuts } from './shortcuts.ts';

export function DevicesDialog({ session, onClose }: { session: CallSession; onClose: () => void }) {
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

export function HelpDialog({ onClose }: { onClose: () => void }) {
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

export function EndDialog({ session, onClose }: { session: CallSession; onClose: () => void }) {
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

export function RemoveDialog(props: { session: CallSession; person: ParticipantView; onClose: () => void }) {
  const { session, person } = props;
  return (
    <Dialog title={`Remove ${person.displayName}?`} onClose={props.onClose}>
      <div class="stack">
        <p>They are sent out at once and can not join this call again.</p>
        <form method="dialog" class="row">
          <button
            class="button danger"
            data-testid="remove-confirm"
            onClick={() => session.people.remove(person.participantId)}
          >
            Remove
          </button>
          {/* First in focus: Enter must not remove anybody by accident. */}
          <button class="button" autoFocus>
            Let them stay
          </button>
        </form>
      </div>
    </Dialog>
  );
}
