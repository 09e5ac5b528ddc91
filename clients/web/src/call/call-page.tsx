import { useEffect, useMemo, useState } from 'preact/hooks';
import { LocalMedia } from '../media/local-media.ts';
import { identity } from '../session/identity.ts';
import { Loading } from '../ui/message-page.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import { CallOver } from './call-over.tsx';
import { CallRoom } from './call-room.tsx';
import { CallSession } from './call-session.ts';
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
      <Lobby
        key={participantId}
        callId={callId}
        media={media}
        onJoin={(name) => setVisit({ ...visit, displayName: name })}
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
