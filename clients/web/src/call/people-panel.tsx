import type { ParticipantView } from '@ringback/schemas';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import type { CallSession } from './call-session.ts';
import { presentPeople, raisedHands, sends } from './people.ts';
import { PersonMenu } from './tile-menu.tsx';

/** Everybody in the call, whether their tile is on the page or not; raised hands first, in order. */
export function PeoplePanel(props: {
  session: CallSession;
  onClose: () => void;
  onRemove: (person: ParticipantView) => void;
}) {
  const { session } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const people = presentPeople(session.view.value);
  const hands = raisedHands(people);
  return (
    <aside
      class="people"
      aria-label="People"
      data-testid="people-panel"
      onKeyDown={(key) => key.key === 'Escape' && props.onClose()}
    >
      <div class="people-head">
        <h2 ref={heading} tabIndex={-1}>
          People <span class="soft nums">{people.length}</span>
        </h2>
        <button
          type="button"
          class="button quiet icon-only"
          aria-label="Close the list of people"
          onClick={props.onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      {hands.length > 0 && (
        <section class="hands" aria-labelledby="hands-heading">
          <h3 id="hands-heading">Raised hands</h3>
          <ol data-testid="hands">
            {hands.map((person) => (
              <Hand key={person.participantId} session={session} person={person} />
            ))}
          </ol>
        </section>
      )}
      <ul class="people-list">
        {people.map((person) => (
          <Person key={person.participantId} session={session} person={person} onRemove={props.onRemove} />
        ))}
      </ul>
    </aside>
  );
}

function Hand({ session, person }: { session: CallSession; person: ParticipantView }) {
  const { participantId, displayName } = person;
  const isSelf = participantId === session.participantId;
  return (
    <li data-participant-id={participantId}>
      <span class="grow ellipsis">
        {displayName}
        {isSelf && <span class="soft"> (you)</span>}
      </span>
      {(isSelf || session.isHost) && (
        <button
          type="button"
          class="button compact"
          aria-label={isSelf ? 'Lower your hand' : `Lower the hand of ${displayName}`}
          onClick={() => session.people.lowerHand(isSelf ? undefined : participantId)}
        >
          Lower
        </button>
      )}
    </li>
  );
}

function Person(props: {
  session: CallSession;
  person: ParticipantView;
  onRemove: (person: ParticipantView) => void;
}) {
  const { session, person } = props;
  const isSelf = person.participantId === session.participantId;
  const heard = isSelf ? session.microphoneOn : sends(person, 'microphone');
  const seen = isSelf ? session.cameraOn : sends(person, 'camera');
  const speaking = isSelf
    ? heard && session.speaking.self.value
    : session.speaking.others.value.has(person.participantId);
  return (
    <li
      class={speaking ? 'person speaking' : 'person'}
      data-testid="person"
      data-participant-id={person.participantId}
    >
      <span class="grow">
        <span class="person-name">
          <span class="ellipsis">{person.displayName}</span>
          {isSelf && <span class="soft">(you)</span>}
          {person.role === 'host' && <span class="pill">host</span>}
        </span>
        {person.presence === 'disconnected' && <span class="soft small">away, may come back</span>}
      </span>
      {sends(person, 'screen') && <State icon="screen" words="Shares a screen" />}
      <State icon={seen ? 'camera' : 'camera-off'} words={seen ? 'Camera on' : 'Camera off'} off={!seen} />
      <State icon={heard ? 'mic' : 'mic-off'} words={heard ? 'Microphone on' : 'Muted'} off={!heard} />
      <PersonMenu
        session={session}
        person={person}
        onRemove={props.onRemove}
        withoutPin
        look="button quiet icon-only compact"
      />
    </li>
  );
}

function State(props: {
  icon: 'screen' | 'camera' | 'camera-off' | 'mic' | 'mic-off';
  words: string;
  off?: boolean;
}) {
  return (
    <span class={props.off ? 'person-state off' : 'person-state'} title={props.words}>
      <Icon name={props.icon} size={18} />
      <span class="visually-hidden">{props.words}</span>
    </span>
  );
}
