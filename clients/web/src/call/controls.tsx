import type { ParticipantView } from '@ringback/schemas';
import { useEffect, useState } from 'preact/hooks';
import { canShareScreen } from '../media/local-media.ts';
import { copyText } from '../ui/copy-button.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { MenuItem, Popover } from '../ui/popover.tsx';
import type { CallSession } from './call-session.ts';
import { presentPeople, raisedHands } from './people.ts';
import { keysOf, type Shortcut } from './shortcuts.ts';

export type RoomDialog = 'devices' | 'help' | 'end' | { remove: ParticipantView };

export const copyCallLink = () => copyText(`${location.origin}${location.pathname}`);

export interface ControlsProps {
  session: CallSession;
  peopleOpen: boolean;
  onPeople: () => void;
  onDialog: (dialog: RoomDialog) => void;
}

export function Controls(props: ControlsProps) {
  const { session, peopleOpen } = props;
  const people = presentPeople(session.view.value);
  const hands = raisedHands(people).length;
  const large = session.stage.isLarge.value;
  return (
    <div class="controls" role="group" aria-label="Call controls">
      <OwnMedia session={session} />
      <span class="controls-gap" />
      <Control
        icon="people"
        label={peopleOpen ? 'Hide people' : 'People'}
        spoken={`${peopleOpen ? 'Hide people' : 'People'}, ${people.length} in the call${handWords(hands)}`}
        shortcut="people"
        testId="people"
        look={peopleOpen ? 'active' : ''}
        badge={hands > 0 ? { icon: 'hand', count: hands } : { count: people.length }}
        onClick={props.onPeople}
      />
      <Control
        icon={large ? 'grid' : 'speaker'}
        label={large ? 'Grid' : 'Speaker'}
        spoken={large ? 'Show everybody in a grid' : 'Show who speaks large'}
        shortcut="view"
        testId="view"
        onClick={session.stage.toggleView}
      />
      <More {...props} />
      <RareControls {...props} />
      <span class="controls-gap" />
      <Control
        icon="leave"
        label="Leave"
        shortcut="leave"
        testId="leave"
        look="danger"
        onClick={session.leave}
      />
      {session.isHost && (
        <Control
          icon="end"
          label="End for all"
          testId="end-call"
          look="danger-quiet wide-only"
          onClick={() => props.onDialog('end')}
        />
      )}
    </div>
  );
}

function OwnMedia({ session }: { session: CallSession }) {
  const raised = session.me?.handRaisedAt !== undefined;
  return (
    <>
      <Control
        icon={session.microphoneOn ? 'mic' : 'mic-off'}
        label={session.microphoneOn ? 'Mute' : 'Unmute'}
        shortcut="mute"
        testId="mute"
        look={session.microphoneOn ? '' : 'off'}
        onClick={session.toggleMicrophone}
      />
      <Control
        icon={session.cameraOn ? 'camera' : 'camera-off'}
        label={session.cameraOn ? 'Camera off' : 'Camera on'}
        shortcut="camera"
        testId="camera"
        look={session.cameraOn ? '' : 'off'}
        onClick={session.toggleCamera}
      />
      {canShareScreen && (
        <Control
          icon={session.screen.on ? 'screen-off' : 'screen'}
          label={session.screen.on ? 'Stop sharing' : 'Share screen'}
          shortcut="screen"
          testId="share-screen"
          look={session.screen.on ? 'active' : ''}
          onClick={session.screen.toggle}
        />
      )}
      <Control
        icon="hand"
        label={raised ? 'Lower hand' : 'Raise hand'}
        shortcut="hand"
        testId="hand"
        look={raised ? 'raised' : ''}
        onClick={session.toggleHand}
      />
    </>
  );
}

/** What is seldom needed: in the bar where there is room for it, else behind "More". */
function RareControls({ session, onDialog }: ControlsProps) {
  const locked = session.view.value?.locked === true;
  return (
    <>
      <CopyLink />
      {session.isHost && (
        <Control
          icon={locked ? 'lock' : 'unlock'}
          label={locked ? 'Unlock' : 'Lock'}
          testId="lock"
          look={locked ? 'active wide-only' : 'wide-only'}
          onClick={session.toggleLock}
        />
      )}
      <Control
        icon="sliders"
        label="Devices"
        shortcut="devices"
        testId="devices"
        look="wide-only"
        onClick={() => onDialog('devices')}
      />
      <Control
        icon="help"
        label="Keys"
        shortcut="help"
        testId="help"
        look="wide-only"
        onClick={() => onDialog('help')}
      />
    </>
  );
}

function More({ session, onDialog }: ControlsProps) {
  const locked = session.view.value?.locked === true;
  return (
    <Popover
      label="More"
      buttonClass="control narrow-only"
      panelClass="menu"
      role="menu"
      testId="more"
      face={
        <span class="control-icon">
          <Icon name="more" size={24} />
        </span>
      }
    >
      {(close) => {
        const item = (icon: IconName, label: string, action: () => void, danger = false) => (
          <MenuItem
            danger={danger}
            onClick={() => {
              close();
              action();
            }}
          >
            <Icon name={icon} size={18} />
            {label}
          </MenuItem>
        );
        return (
          <>
            {item('link', 'Copy the link', () => void copyCallLink())}
            {item('sliders', 'Devices', () => onDialog('devices'))}
            {session.isHost &&
              item(
                locked ? 'unlock' : 'lock',
                locked ? 'Unlock the call' : 'Lock the call',
                session.toggleLock,
              )}
            {session.isHost && item('end', 'End for all …', () => onDialog('end'), true)}
          </>
        );
      }}
    </Popover>
  );
}

const handWords = (hands: number) =>
  hands === 0 ? '' : `, ${hands} ${hands === 1 ? 'hand' : 'hands'} raised`;

function CopyLink() {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Control
      icon={copied ? 'check' : 'link'}
      label={copied ? 'Copied' : 'Copy link'}
      shortcut="link"
      testId="copy-link"
      look="wide-only"
      onClick={() => void copyCallLink().then(setCopied)}
    />
  );
}

function Control(props: {
  icon: IconName;
  label: string;
  /** What a screen reader says, where the label alone does not tell enough. */
  spoken?: string;
  shortcut?: Shortcut;
  testId: string;
  look?: string;
  badge?: { icon?: IconName; count: number };
  onClick: () => void;
}) {
  const { badge } = props;
  const keys = props.shortcut ? keysOf(props.shortcut) : undefined;
  const spoken = props.spoken ?? props.label;
  return (
    <button
      type="button"
      class={`control ${props.look ?? ''}`}
      data-testid={props.testId}
      aria-keyshortcuts={keys?.replace(' ', '+')}
      aria-label={spoken}
      title={keys ? `${spoken} (${keys})` : spoken}
      onClick={props.onClick}
    >
      <span class="control-icon">
        <Icon name={props.icon} size={24} />
        {badge && (
          <span class={badge.icon ? 'control-badge alert' : 'control-badge'}>
            {badge.icon && <Icon name={badge.icon} size={12} />}
            {badge.count}
          </span>
        )}
      </span>
      <span class="control-label" aria-hidden="true">
        {props.label}
      </span>
    </button>
  );
}
