import type { CallView, ParticipantView } from '@ringback/schemas';
import { clockTime, offsetTime } from '../text/time.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { endReasonWords, sourceWord } from './describe.ts';
import { routeReasonWords, routeWords } from './describe-media.ts';
import type { TimelineModel } from './model.ts';

/** The call at the cursor: the fold of every event up to it. */
export function StatePanel({ model }: { model: TimelineModel }) {
  const view = model.view.value;
  const { seq, time } = model.cursor.value;
  return (
    <section
      class="panel state-panel"
      aria-label="State at this instant"
      data-testid="timeline-state"
      data-seq={seq}
    >
      <header>
        <h2>At this instant</h2>
        <p class="soft small nums">
          {offsetTime(time - model.timeOf(1))} · {clockTime(time)}
          <br />
          after event {seq} of {model.count.value}
        </p>
      </header>
      {view ? <CallState view={view} nameOf={model.nameOf} /> : <p class="soft">Nothing had happened yet.</p>}
    </section>
  );
}

function CallState({ view, nameOf }: { view: CallView; nameOf: (id: string) => string }) {
  const people = Object.values(view.participants);
  const present = people.filter((p) => p.presence !== 'left').length;
  return (
    <>
      <div class="row tight">
        {view.status === 'ended' ? (
          <span class="pill">ended: {view.endReason ? endReasonWords[view.endReason] : 'over'}</span>
        ) : (
          <span class="pill live">open</span>
        )}
        {view.locked && (
          <span class="pill">
            <Icon name="lock" size={14} /> locked
          </span>
        )}
        {view.route && (
          <span class="pill" title={routeReasonWords[view.route.reason]} data-testid="timeline-route">
            {routeWords(view.route)}
            {view.route.before ? ', switching' : ''}
          </span>
        )}
        <span class="pill nums">
          {present} of {view.participantsMax} in it
        </span>
      </div>
      <ul class="state-people">
        {people.map((person) => (
          <PersonState key={person.participantId} person={person} nameOf={nameOf} />
        ))}
      </ul>
      {people.length === 0 && <p class="soft">Nobody was in the call.</p>}
    </>
  );
}

const sourceIcons: Record<string, [on: IconName, off: IconName]> = {
  microphone: ['mic', 'mic-off'],
  camera: ['camera', 'camera-off'],
  screen: ['screen', 'screen-off'],
  'screen-audio': ['sound', 'sound'],
};

function PersonState({ person, nameOf }: { person: ParticipantView; nameOf: (id: string) => string }) {
  const tracks = Object.values(person.tracks);
  const connections = [
    ...Object.values(person.connections).map((c) => ({ ...c, key: c.peerId, to: nameOf(c.peerId) })),
    ...(['send', 'recv'] as const).flatMap((direction) => {
      const transport = person.transports?.[direction];
      return transport ? [{ ...transport, key: direction, to: `the Call Server (${direction})` }] : [];
    }),
  ];
  return (
    <li class={`state-person ${person.presence}`} data-participant-id={person.participantId}>
      <div class="row tight">
        <span class="presence-dot" aria-hidden="true" />
        <strong class="ellipsis">{person.displayName}</strong>
        <span class="soft small">
          {person.role === 'host' ? 'host, ' : ''}
          {person.presence}
          {person.handRaisedAt === undefined ? '' : ', hand raised'}
          {person.bandwidth === 'audio-only' ? ', no bandwidth for the camera' : ''}
        </span>
      </div>
      {tracks.length > 0 && (
        <div class="row tight small">
          {tracks.map((track) => (
            <span key={track.trackId} class={track.muted ? 'track muted' : 'track'}>
              <Icon name={sourceIcons[track.source]?.[track.muted ? 1 : 0] ?? 'sound'} size={16} />
              {sourceWord(track.source)}
              {track.muted ? ' muted' : ''}
            </span>
          ))}
        </div>
      )}
      {connections.map((connection) => (
        <div key={connection.key} class="small connection-line">
          <span class={`connection-state ${connection.state}`}>{connection.state}</span> to {connection.to}
          {connection.pair && (
            <span class="soft">
              {' '}
              ({connection.pair.localCandidateType} to {connection.pair.remoteCandidateType},{' '}
              {connection.pair.protocol}
              {connection.pair.currentRoundTripTime === undefined
                ? ''
                : `, ${Math.round(connection.pair.currentRoundTripTime * 1000)} ms`}
              )
            </span>
          )}
        </div>
      ))}
    </li>
  );
}
