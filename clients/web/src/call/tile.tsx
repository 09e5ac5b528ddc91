import type { ParticipantView } from '@ringback/schemas';
import type { RemoteTrack } from '@ringback/sdk';
import type { ComponentChildren } from 'preact';
import { connectionWord } from '../text/connection-words.ts';
import { qualityOf } from '../text/quality-words.ts';
import { Icon } from '../ui/icons.tsx';
import type { CallSession } from './call-session.ts';
import { sends } from './people.ts';
import { Picture } from './picture.tsx';
import { QualityBadge } from './quality-badge.tsx';
import type { Box } from './stage-layout.ts';
import { screenItem } from './stage-state.ts';
import { PersonMenu, ScreenMenu } from './tile-menu.tsx';
import { Video } from './video.tsx';

export interface TileProps {
  session: CallSession;
  person: ParticipantView;
  box: Box;
  /** Their place among the raised hands, from 1; undefined: it is not up. */
  hand: number | undefined;
  onRemove: (person: ParticipantView) => void;
}

export function RemoteTile(props: TileProps) {
  const { session, person } = props;
  const { participantId, displayName } = person;
  const tracks = session.remote.current.value.filter((t) => t.participantId === participantId);
  const face = tracks.find((t) => t.source === 'camera');
  const heard = sends(person, 'microphone');
  const seen = face !== undefined && sends(person, 'camera');
  const word = connectionWord({
    person,
    kind: routeKind(session),
    switching: session.view.value?.route?.before !== undefined,
    carrier: session.connections.value.get(participantId),
    arrives: tracks.length > 0,
  });
  const measured = session.quality.value.get(participantId);
  const speaking = session.speaking.others.value.has(participantId);
  return (
    <TileFrame {...props} muted={!heard} speaking={speaking} seen={seen}>
      {seen && <Picture current={face} remote={session.remote} />}
      <div class="tile-state">
        <PersonMenu session={session} person={person} onRemove={props.onRemove} />
        {word !== undefined && <span class="tile-word">{word}</span>}
        {person.bandwidth === 'audio-only' && <span class="tile-word">weak connection</span>}
        <QualityBadge
          quality={qualityOf(measured, person.bandwidth)}
          measured={measured}
          kind={routeKind(session)}
          label={`Connection to ${displayName}`}
        />
      </div>
    </TileFrame>
  );
}

export function SelfTile(props: TileProps) {
  const { session, person } = props;
  const camera = session.cameraOn ? session.media.camera.value : undefined;
  const measured = session.quality.value.get(person.participantId);
  const speaking = session.microphoneOn && session.speaking.self.value;
  return (
    <TileFrame {...props} muted={!session.microphoneOn} speaking={speaking} seen={camera !== undefined} self>
      {camera && <Video track={camera} mirrored />}
      <div class="tile-state">
        <PersonMenu session={session} person={person} onRemove={props.onRemove} />
        {session.screen.on && <span class="tile-word">sharing your screen</span>}
        <QualityBadge
          quality={qualityOf(measured, undefined)}
          measured={measured}
          kind={routeKind(session)}
          label="Your connection"
        />
      </div>
    </TileFrame>
  );
}

/** Somebody else's screen: all of it, never cropped. */
export function ScreenTile(props: {
  session: CallSession;
  screen: RemoteTrack;
  presenter: ParticipantView | undefined;
  box: Box;
}) {
  const { session, screen, presenter } = props;
  const name = presenter?.displayName ?? 'Somebody';
  return (
    <figure
      class="tile screen"
      style={styleOf(props.box)}
      data-testid="screen-tile"
      data-participant-id={screen.participantId}
    >
      <Picture current={screen} remote={session.remote} contain />
      <div class="tile-state">
        <ScreenMenu session={session} item={screenItem(screen.participantId)} name={name} />
      </div>
      <figcaption class="tile-name">
        <Icon name="screen" size={16} />
        <span class="ellipsis">{name} shares a screen</span>
      </figcaption>
    </figure>
  );
}

function TileFrame(
  props: TileProps & {
    muted: boolean;
    speaking: boolean;
    seen: boolean;
    self?: boolean;
    children: ComponentChildren;
  },
) {
  const { person, muted, self, hand } = props;
  return (
    <figure
      class={props.speaking ? 'tile speaking' : 'tile'}
      style={styleOf(props.box)}
      data-testid="tile"
      data-participant-id={person.participantId}
      data-self={self ? 'true' : 'false'}
      data-muted={muted}
      data-camera={props.seen}
      data-speaking={props.speaking}
      data-hand={hand}
    >
      {!props.seen && <Initials name={person.displayName} />}
      {props.children}
      {hand !== undefined && (
        <span class="tile-hand" title={`Hand raised, ${hand} in line`}>
          <Icon name="hand" size={18} />
          <span class="visually-hidden">Hand raised,</span> {hand}
        </span>
      )}
      <figcaption class="tile-name">
        {muted && <Icon name="mic-off" size={16} />}
        {muted && <span class="visually-hidden">Muted:</span>}
        <span class="ellipsis">{person.displayName}</span>
        {self && <span class="you">(you)</span>}
        {isPinned(props) && <Icon name="pin" size={16} />}
      </figcaption>
    </figure>
  );
}

function isPinned({ session, person }: TileProps): boolean {
  return session.stage.pinned.value === person.participantId;
}

const routeKind = (session: CallSession) => session.view.value?.route?.kind ?? 'p2p';

export const styleOf = ({ left, top, width, height }: Box) =>
  `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;

function Initials({ name }: { name: string }) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((w) => [...(w ?? '')][0] ?? '');
  return (
    <div class="initials" aria-hidden="true">
      <span>{letters.join('').toUpperCase()}</span>
    </div>
  );
}
