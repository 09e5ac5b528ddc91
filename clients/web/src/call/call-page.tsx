import { RingbackError } from '@ringback/sdk';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { LocalMedia } from '../media/local-media.ts';
import { identity } from '../session/identity.ts';
import { Loading } from '../ui/message-page.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import { CallOver } from './call-over.tsx';
import { CallRoom } from './call-room.tsx';
import { CallSession } from './call-session.ts';
import { isFinal, useDoor } from './door.ts';
import { Lobby } from './lobby.tsx';
import { randomUuid, recall, remember } from './tab-memory.ts';

/** One try at the call: the lobby, then the call, then how it ended. */
interface Visit {
  participantId: string;
  media: LocalMedia;
  /** Set: in the call, or on the way into it. */
  displayName: string | undefined;
}

export function CallPage({ callId }: { callId: string }) {
  const [visit, setVisit] = useState<Visit>(() => firstVisit(callId));
  const { participantId, media, displayName } = visit;
  // The lobby's media is the call's media; the session closes it, the lobby only if nobody joins.
  useEffect(() => (displayName === undefined ? () => media.close() : undefined), [media]);

  if (displayName === undefined)
    return (
      <Entrance
        key={participantId}
        callId={callId}
        visit={visit}
        onJoin={(name) => setVisit({ ...visit, displayName: name })}
        onAgain={() => setVisit({ ...visit, participantId: randomUuid() })}
      />
    );
  const again = (asSomebodyNew: boolean) =>
    setVisit({
      participantId: asSomebodyNew ? randomUuid() : participantId,
      media: new LocalMedia(media.choices.value),
      displayName,
    });
  return <Stay visit={{ ...visit, displayName }} callId={callId} onAgain={again} />;
}

/** The lobby, or straight away why there is nothing to wait for in it. */
function Entrance(props: {
  callId: string;
  visit: Visit;
  onJoin: (displayName: string) => void;
  onAgain: () => void;
}) {
  const { callId, visit } = props;
  const door = useDoor(callId, visit.participantId);
  // Before that nothing is asked of the camera: there may be no call to see anybody in.
  if (door === undefined)
    return (
      <>
        <TopBar />
        <Loading text="Looking for the call …" />
      </>
    );
  if (isFinal(door))
    return (
      <CallOver
        callId={callId}
        end={{ reason: 'refused', error: new RingbackError(door, '') }}
        name={undefined}
        onAgain={props.onAgain}
      />
    );
  return <Lobby callId={callId} media={visit.media} door={door} onJoin={props.onJoin} />;
}

function firstVisit(callId: string): Visit {
  const { participantId, inCall, choices } = recall(callId);
  return {
    participantId,
    media: new LocalMedia(choices),
    displayName: inCall ? identity.value?.displayName : undefined,
  };
}

function Stay(props: {
  visit: Visit & { displayName: string };
  callId: string;
  onAgain: (asSomebodyNew: boolean) => void;
}) {
  const { callId, visit } = props;
  const { media, participantId, displayName } = visit;
  const session = useMemo(
    () => new CallSession({ callId, participantId, displayName, media }),
    [callId, participantId, media],
  );
  useEffect(() => {
    void session.start();
    return () => session.dispose();
  }, [session]);

  const end = session.end.value;
  const choices = media.choices.value;
  const inCall = end === undefined && session.view.value !== undefined;
  useEffect(() => remember(callId, { participantId, inCall, choices }), [inCall, choices, participantId]);

  if (end)
    return <CallOver callId={callId} end={end} name={session.view.value?.name} onAgain={props.onAgain} />;
  if (session.view.value === undefined)
    return (
      <>
        <TopBar />
        <Loading
          text={session.unreachable.value ? 'The platform does not answer. Trying again …' : 'Joining …'}
        />
      </>
    );
  return <CallRoom callId={callId} session={session} />;
}
