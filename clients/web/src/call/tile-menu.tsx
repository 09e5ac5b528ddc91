import type { ParticipantView } from '@ringback/schemas';
import { Icon } from '../ui/icons.tsx';
import { MenuItem, Popover } from '../ui/popover.tsx';
import type { CallSession } from './call-session.ts';
import { sends } from './people.ts';

/** What one can do about somebody: look at them; as a host, mute or remove them. */
export function PersonMenu(props: {
  session: CallSession;
  person: ParticipantView;
  onRemove: (person: ParticipantView) => void;
  /** Where there is nothing to look at. */
  withoutPin?: boolean;
  look?: string;
}) {
  const { session, person } = props;
  const { participantId, displayName } = person;
  const isSelf = participantId === session.participantId;
  const mayModerate = session.isHost && !isSelf && person.role !== 'host';
  const mayLower = person.handRaisedAt !== undefined && (session.isHost || isSelf);
  if (props.withoutPin && !mayLower && !mayModerate) return null;
  return (
    <Popover
      label={`Options for ${isSelf ? 'yourself' : displayName}`}
      buttonClass={props.look ?? 'tile-button tile-menu'}
      panelClass="menu"
      role="menu"
      testId="person-menu"
      face={<Icon name="more" size={20} />}
    >
      {(close) => {
        const item = (action: () => void) => () => {
          close();
          action();
        };
        return (
          <>
            {!props.withoutPin && (
              <PinItem session={session} item={participantId} name={displayName} close={close} />
            )}
            {mayLower && (
              <MenuItem
                testId="lower-hand"
                onClick={item(() => session.people.lowerHand(isSelf ? undefined : participantId))}
              >
                <Icon name="hand" size={18} />
                Lower {isSelf ? 'your' : 'their'} hand
              </MenuItem>
            )}
            {mayModerate && sends(person, 'microphone') && (
              <MenuItem testId="mute-person" onClick={item(() => session.people.mute(participantId))}>
                <Icon name="mic-off" size={18} />
                Mute
              </MenuItem>
            )}
            {mayModerate && (
              <MenuItem danger testId="remove-person" onClick={item(() => props.onRemove(person))}>
                <Icon name="remove" size={18} />
                Remove from the call …
              </MenuItem>
            )}
          </>
        );
      }}
    </Popover>
  );
}

export function ScreenMenu({ session, item, name }: { session: CallSession; item: string; name: string }) {
  return (
    <Popover
      label={`Options for the screen of ${name}`}
      buttonClass="tile-button tile-menu"
      panelClass="menu"
      role="menu"
      testId="screen-menu"
      face={<Icon name="more" size={20} />}
    >
      {(close) => (
        <>
          <PinItem session={session} item={item} name={`The screen of ${name}`} close={close} />
          <MenuItem
            onClick={() => {
              close();
              const tile = document.querySelector(
                `.tile.screen[data-participant-id="${item.split(':')[1]}"]`,
              );
              void tile?.requestFullscreen().catch(() => undefined);
            }}
          >
            <Icon name="expand" size={18} />
            Full screen
          </MenuItem>
        </>
      )}
    </Popover>
  );
}

function PinItem(props: { session: CallSession; item: string; name: string; close: () => void }) {
  const { stage } = props.session;
  const pinned = stage.pinned.value === props.item;
  return (
    <MenuItem
      testId="pin"
      onClick={() => {
        props.close();
        stage.togglePin(props.item, props.name);
      }}
    >
      <Icon name={pinned ? 'unpin' : 'pin'} size={18} />
      {pinned ? 'Unpin' : 'Pin: show large for me'}
    </MenuItem>
  );
}
