import type { ParticipantView } from '@ringback/schemas';
import type { RemoteTrack } from '@ringback/sdk';
import { CopyButton } from '../ui/copy-button.tsx';
import type { CallSession } from './call-session.ts';
import { RemoteMedia } from './remote-media.tsx';
import { RemoteTile, SelfTile } from './tile.tsx';

/** Everybody in the call; a shared screen takes the room and the people a strip beside it. */
export function Stage({ session }: { session: CallSession }) {
  const view = session.view.value;
  const people = Object.values(view?.participants ?? {}).filter((p) => p.presence !== 'left');
  const me = people.find((p) => p.participantId === session.participantId);
  const others = people.filter((p) => p !== me);
  const screens = session.remote.value.filter((t) => t.source === 'screen');
  const presenter = (screen: RemoteTrack) => others.find((p) => p.participantId === screen.participantId);
  const count = others.length + (me ? 1 : 0);
  return (
    <div class={screens.length > 0 ? 'stage presenting' : 'stage'}>
      {screens.length > 0 && (
        <div class="screens">
          {screens.map((screen) => (
            <ScreenTile
              key={screen.trackId}
              screen={screen}
              speakerId={session.media.choices.value.speakerId}
              presenter={presenter(screen)}
            />
          ))}
        </div>
      )}
      <div class="tile-area">
        <div class="tiles" data-count={Math.max(count, 2)}>
          {others.map((person) => (
            <RemoteTile key={person.participantId} session={session} person={person} />
          ))}
          {me && <SelfTile session={session} me={me} />}
          {others.length === 0 && <Invitation />}
        </div>
      </div>
    </div>
  );
}

function ScreenTile(props: {
  screen: RemoteTrack;
  presenter: ParticipantView | undefined;
  speakerId: string | undefined;
}) {
  const name = props.presenter?.displayName ?? 'Somebody';
  return (
    <figure class="tile screen" data-testid="screen-tile" data-participant-id={props.screen.participantId}>
      <RemoteMedia stream={props.screen.stream} speakerId={props.speakerId} picture contain />
      <figcaption class="tile-name">{name} shares a screen</figcaption>
    </figure>
  );
}

/** Nobody else is here yet: the one thing to do is to send the link. */
function Invitation() {
  return (
    <div class="invitation">
      <h2>You are the only one here</h2>
      <p class="soft">Send the link to whom you want to talk to.</p>
      <p class="mono small link-text">{`${location.origin}${location.pathname}`}</p>
      <CopyButton text={() => `${location.origin}${location.pathname}`} label="Copy the link" icon="link" />
    </div>
  );
}
