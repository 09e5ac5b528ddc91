import { useEffect } from 'preact/hooks';
import type { CallEnd } from '@ringback/sdk';
import { timelinePath } from '../routes.ts';
import { explain, type Explanation } from '../text/reasons.ts';
import { Icon } from '../ui/icons.tsx';
import { MessagePage } from '../ui/message-page.tsx';

/** Whether the button to come in again makes sense, and what it says. */
const againWords: Partial<Record<string, string>> = {
  left: 'Join again',
  replaced: 'Use it here instead',
  closed: 'Join again',
  call_locked: 'Try again',
  call_full: 'Try again',
  network: 'Try again',
  timeout: 'Try again',
  overloaded: 'Try again',
  rate_limited: 'Try again',
};

/** Reasons after which the call has a story that one may read. */
const withTimeline = new Set([
  'host',
  'empty',
  'nobody-came',
  'max-duration',
  'over',
  'left',
  'replaced',
  'removed',
  'call_ended',
]);

/** The call is over for this page: why, and what now. */
export function CallOver(props: {
  callId: string;
  end: CallEnd;
  name: string | undefined;
  onAgain: (asSomebodyNew: boolean) => void;
}) {
  const { end, callId } = props;
  const reason = end.reason === 'refused' ? (end.error?.code ?? 'refused') : end.reason;
  // The id is of an earlier life of this browser, before its token expired: a new one is all that is needed.
  const stale = reason === 'participant_taken';
  useEffect(() => {
    if (stale) props.onAgain(true);
  }, [stale]);

  const { title, text } = words(end, props.name);
  const again = againWords[reason];
  return (
    <MessagePage title={title} text={text} testId="call-over" reason={reason}>
      {again && (
        <button type="button" class="button primary" onClick={() => props.onAgain(false)}>
          {again}
        </button>
      )}
      {withTimeline.has(reason) && (
        <a class={again ? 'button' : 'button primary'} href={timelinePath(callId)}>
          <Icon name="timeline" />
          See its timeline
        </a>
      )}
      <a class="button" href="/">
        To the start
      </a>
    </MessagePage>
  );
}

function words(end: CallEnd, name: string | undefined): Explanation {
  const call = name ? `“${name}”` : 'The call';
  switch (end.reason) {
    case 'left':
      return {
        title: 'You left the call',
        text: 'The others can go on without you. You can come back while it runs.',
      };
    case 'host':
      return { title: `${call} has ended`, text: 'A host ended it for everyone.' };
    case 'empty':
    case 'nobody-came':
      return { title: `${call} has ended`, text: 'Nobody was in it any more.' };
    case 'max-duration':
      return {
        title: `${call} has ended`,
        text: 'It reached its longest duration. Start a new one to go on talking.',
      };
    case 'over':
      return { title: `${call} has ended`, text: 'It ended while you had no connection.' };
    case 'replaced':
      return {
        title: 'You are in this call elsewhere',
        text: 'You joined again in another tab or window, so this one let go.',
      };
    case 'closed':
      return {
        title: 'The connection was closed',
        text: end.error?.message ?? 'The platform closed the connection.',
      };
    case 'removed':
    case 'refused':
      return (
        explain(end.reason === 'removed' ? 'removed' : (end.error?.code ?? 'internal_error')) ?? {
          title: 'You could not join',
          text: end.error?.message ?? 'The platform said no.',
        }
      );
  }
}
