import { useEffect, useState } from 'preact/hooks';
import { canShareScreen } from '../media/local-media.ts';
import { copyText } from '../ui/copy-button.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import type { CallSession } from './call-session.ts';
import { keysOf, type Shortcut } from './shortcuts.ts';

export type RoomDialog = 'devices' | 'help' | 'end';

export const copyCallLink = () => copyText(`${location.origin}${location.pathname}`);

export function Controls(props: { session: CallSession; onDialog: (dialog: RoomDialog) => void }) {
  const { session } = props;
  const locked = session.view.value?.locked === true;
  return (
    <div class="controls" role="group" aria-label="Call controls">
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
      <span class="controls-gap" />
      <CopyLink />
      {session.isHost && (
        <Control
          icon={locked ? 'lock' : 'unlock'}
          label={locked ? 'Unlock' : 'Lock'}
          testId="lock"
          look={locked ? 'active' : ''}
          onClick={session.toggleLock}
        />
      )}
      <Control
        icon="sliders"
        label="Devices"
        shortcut="devices"
        testId="devices"
        onClick={() => props.onDialog('devices')}
      />
      <Control
        icon="help"
        label="Keys"
        shortcut="help"
        testId="help"
        look="wide-only"
        onClick={() => props.onDialog('help')}
      />
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
          look="danger-quiet"
          onClick={() => props.onDialog('end')}
        />
      )}
    </div>
  );
}

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
      onClick={() => void copyCallLink().then(setCopied)}
    />
  );
}

function Control(props: {
  icon: IconName;
  label: string;
  shortcut?: Shortcut;
  testId: string;
  look?: string;
  onClick: () => void;
}) {
  const keys = props.shortcut ? keysOf(props.shortcut) : undefined;
  return (
    <button
      type="button"
      class={`control ${props.look ?? ''}`}
      data-testid={props.testId}
      aria-keyshortcuts={keys?.replace(' ', '+')}
      aria-label={props.label}
      title={keys ? `${props.label} (${keys})` : props.label}
      onClick={props.onClick}
    >
      <span class="control-icon">
        <Icon name={props.icon} size={24} />
      </span>
      <span class="control-label" aria-hidden="true">
        {props.label}
      </span>
    </button>
  );
}
