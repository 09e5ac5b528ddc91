import { useEffect, useMemo, useState } from 'preact/hooks';
import type { RingbackError } from '@ringback/sdk';
import { callPath } from '../routes.ts';
import { explain } from '../text/reasons.ts';
import { durationWords, whenWords } from '../text/time.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Loading, MessagePage } from '../ui/message-page.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import { EventList } from './event-list.tsx';
import { CallFollower, type FollowStatus } from './follow.ts';
import { DeepLink } from './deep-link.tsx';
import { Inspector } from './inspector.tsx';
import { TimelineModel } from './model.ts';
import { Plot } from './plot.tsx';
import { StatePanel } from './state-panel.tsx';
import { Toolbar } from './toolbar.tsx';

export function TimelinePage({ callId }: { callId: string }) {
  const model = useMemo(() => new TimelineModel(), [callId]);
  const follower = useMemo(() => new CallFollower(model, callId), [model]);
  useEffect(() => {
    void follower.start();
    return () => follower.stop();
  }, [follower]);

  const error = follower.error.value;
  if (follower.status.value === 'failed' && error)
    return <TimelineFailed callId={callId} error={error} onRetry={() => void follower.start()} />;
  if (model.count.value === 0)
    return (
      <>
        <TopBar />
        <Loading text="Reading the call's log …" />
      </>
    );
  return <Timeline callId={callId} model={model} status={follower.status.value} />;
}

function Timeline(props: { callId: string; model: TimelineModel; status: FollowStatus }) {
  const { model, callId } = props;
  const now = useNow(!model.ended.value);
  return (
    <>
      <TopBar>
        {!model.ended.value && (
          <a class="button compact" href={callPath(callId)}>
            <Icon name="camera" size={18} />
            <span class="wide-only">Join the call</span>
            <span class="narrow-only">Join</span>
          </a>
        )}
      </TopBar>
      <DeepLink model={model} />
      <main class="timeline">
        <TimelineTitle callId={callId} model={model} status={props.status} now={now} />
        <Toolbar model={model} />
        <Plot model={model} now={now} />
        <div class="timeline-panels">
          <StatePanel model={model} />
          <EventList model={model} />
          <Inspector model={model} />
        </div>
        <p class="soft small cli-hint">
          The same from a terminal: <code>npx ringback timeline {callId}</code>
          <CopyButton text={() => `npx ringback timeline ${callId}`} label="Copy" />
        </p>
      </main>
    </>
  );
}

const statusPills: Record<FollowStatus, { text: string; className: string }> = {
  loading: { text: 'reading', className: 'pill' },
  live: { text: 'running', className: 'pill live' },
  behind: { text: 'platform away, trying again', className: 'pill' },
  complete: { text: 'ended', className: 'pill' },
  failed: { text: 'not read', className: 'pill' },
};

function TimelineTitle(props: { callId: string; model: TimelineModel; status: FollowStatus; now: number }) {
  const { model, callId, now } = props;
  const first = model.events[0];
  const name = first?.type === 'call.created' ? first.data.name : undefined;
  const began = model.timeOf(1);
  const end = model.ended.value ? model.timeOf(model.count.value) : Math.max(now, began);
  const pill = statusPills[props.status];
  const people = model.lanes.value.people.length;
  return (
    <div class="timeline-title">
      <div class="row tight">
        <h1 class="ellipsis">{name ?? 'Timeline of a call'}</h1>
        <span class={pill.className} data-testid="timeline-status" data-status={props.status}>
          {pill.text}
        </span>
      </div>
      <p class="soft small nums">
        {whenWords(began, Date.now())} · {durationWords(end - began)} · {counted(people, 'person', 'people')}{' '}
        · {counted(model.count.value, 'event', 'events')}
        <span class="mono call-id"> · {callId}</span>
      </p>
    </div>
  );
}

function TimelineFailed(props: { callId: string; error: RingbackError; onRetry: () => void }) {
  const { error } = props;
  const known = explain(error.code);
  return (
    <MessagePage
      title={known?.title ?? 'The timeline could not be read'}
      text={known?.text ?? error.message}
      testId="timeline-failed"
      reason={error.code}
    >
      {error.retryable && (
        <button type="button" class="button primary" onClick={props.onRetry}>
          Try again
        </button>
      )}
      {error.code === 'not_permitted' && (
        <a class="button primary" href={callPath(props.callId)}>
          To the call
        </a>
      )}
      <a class="button" href="/">
        To the start
      </a>
    </MessagePage>
  );
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** The wall clock, once a second while the axis grows with it. */
function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
