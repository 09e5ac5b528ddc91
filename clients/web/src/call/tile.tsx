import type { ParticipantView, TrackSource } from '@ringback/schemas';
import type { ComponentChildren } from 'preact';
import { Icon } from '../ui/icons.tsx';
import type { CallSession } from './call-session.ts';
import { QualityBadge } from './quality-badge.tsx';
import { RemoteMedia } from './remote-media.tsx';
import { useSpeaking } from './use-speaking.ts';
import { Video } from './video.tsx';

export function RemoteTile({ session, person }: { session: CallSession; person: ParticipantView }) {
  const { participantId } = person;
  const tracks = session.remote.value.filter((t) => t.participantId === participantId);
  const voice = tracks.find((t) => t.source === 'microphone');
  const face = tracks.find((t) => t.source === 'camera');
  const stream = (face ?? voice)?.stream;
  const heard = sends(person, 'microphone');
  const seen = face !== undefined && sends(person, 'camera');
  const speaking = useSpeaking(heard ? voice?.track : undefined);
  return (
    <TileFrame person={person} muted={!heard} speaking={speaking} seen={seen}>
      {stream && (
        <RemoteMedia stream={stream} speakerId={session.media.choices.value.speakerId} picture={seen} />
      )}
      <div class="tile-state">
        <ConnectionWord session={session} person={person} />
        <QualityBadge quality={session.quality.value.get(participantId)} name={person.displayName} />
      </div>
    </TileFrame>
  );
}

export function SelfTile({ session, me }: { session: CallSession; me: ParticipantView }) {
  const camera = session.cameraOn ? session.media.camera.value : undefined;
  const speaking = useSpeaking(session.microphoneOn ? session.media.microphone.value : undefined);
  return (
    <TileFrame person={me} muted={!session.microphoneOn} speaking={speaking} seen={camera !== undefined} self>
      {camera && <Video track={camera} mirrored />}
      {session.screen.on && (
        <div class="tile-state">
          <span class="tile-word">You are sharing your screen</span>
        </div>
      )}
    </TileFrame>
  );
}

function TileFrame(props: {
  person: ParticipantView;
  muted: boolean;
  speaking: boolean;
  seen: boolean;
  self?: boolean;
  children: ComponentChildren;
}) {
  const { person, muted, self } = props;
  return (
    <figure
      class={props.speaking ? 'tile speaking' : 'tile'}
      data-testid="tile"
      data-participant-id={person.participantId}
      data-self={self ? 'true' : 'false'}
      data-muted={muted}
      data-camera={props.seen}
      data-speaking={props.speaking}
    >
      {!props.seen && <Initials name={person.displayName} />}
      {props.children}
      <figcaption class="tile-name">
        {muted && <Icon name="mic-off" size={16} />}
        {muted && <span class="visually-hidden">Muted:</span>}
        <span class="ellipsis">{person.displayName}</span>
        {self && <span class="you">(you)</span>}
      </figcaption>
    </figure>
  );
}

/** What stands between the two of us, in a word; nothing while all is well. */
function ConnectionWord({ session, person }: { session: CallSession; person: ParticipantView }) {
  const word = connectionWord(person, session.connections.value.get(person.participantId));
  return word === undefined ? null : <span class="tile-word">{word}</span>;
}

function connectionWord(person: ParticipantView, state: string | undefined): string | undefined {
  if (person.presence === 'disconnected') return 'away, may come back';
  switch (state) {
    case undefined:
    case 'connecting':
      return 'connecting …';
    case 'disconnected':
      return 'reconnecting …';
    case 'failed':
      return 'no connection';
    default:
      return undefined;
  }
}

function sends(person: ParticipantView, source: TrackSource): boolean {
  return Object.values(person.tracks).some((t) => t.source === source && !t.muted);
}

function Initials({ name }: { name: string }) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((w) => [...(w ?? '')][0] ?? '');
  return (
    <div class="initials" aria-hidden="true">
      <span>{letters.join('').toUpperCase()}</span>
    </div>
  );
}
