import { useEffect, useState } from 'preact/hooks';
import type { CallSummary } from '@ringback/schemas';
import type { RingbackError } from '@ringback/sdk';
import { platform } from '../platform.ts';
import { callPath, timelinePath } from '../routes.ts';
import { identity } from '../session/identity.ts';
import { explain } from '../text/reasons.ts';
import { durationWords, whenWords } from '../text/time.ts';
import { Icon } from '../ui/icons.tsx';

/** Looked at again this often while the page is in view. Milliseconds. */
const refreshMs = 10_000;

type Listing = { calls: readonly CallSummary[] } | { error: RingbackError } | undefined;

export function CallsList() {
  const [listing, setListing] = useState<Listing>();
  const [round, setRound] = useState(0);
  const userId = identity.value?.userId;

  useEffect(() => {
    if (userId === undefined) return;
    let current = true;
    const load = () =>
      platform()
        .listCalls()
        .then(
          (calls) => current && setListing({ calls }),
          // A list that was shown stays: it is better than none.
          (error: RingbackError) => current && setListing((l) => (l && 'calls' in l ? l : { error })),
        );
    void load();
    const timer = setInterval(() => document.visibilityState === 'visible' && void load(), refreshMs);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [userId, round]);

  if (userId === undefined) return <NoCalls />;
  if (listing === undefined) return <ListSkeleton />;
  if ('error' in listing) {
    const retry = () => {
      setListing(undefined);
      setRound(round + 1);
    };
    return <ListError error={listing.error} onRetry={retry} />;
  }
  if (listing.calls.length === 0) return <NoCalls />;
  const now = Date.now();
  return (
    <ul class="calls" data-testid="calls-list">
      {listing.calls.map((call) => (
        <CallRow key={call.callId} call={call} now={now} />
      ))}
    </ul>
  );
}

function CallRow({ call, now }: { call: CallSummary; now: number }) {
  const running = call.status === 'open';
  const lasted = durationWords((call.endedAt ?? now) - call.createdAt);
  return (
    <li class="call-row" data-call-id={call.callId} data-status={call.status}>
      <div class="grow">
        <div class="row tight one-line">
          <strong class="ellipsis call-title">{call.name ?? 'Call without a name'}</strong>
          {running ? (
            <span class="pill live">
              {call.participantsNow > 0 ? `${call.participantsNow} in it` : 'open'}
            </span>
          ) : (
            <span class="pill">ended</span>
          )}
        </div>
        <p class="soft small nums">
          {whenWords(call.createdAt, now)} · {running ? `for ${lasted}` : lasted}
        </p>
        <p class="small people">{call.people.length > 0 ? peopleWords(call.people) : 'Nobody came yet'}</p>
      </div>
      <div class="row tight">
        {running && (
          <a class="button compact" href={callPath(call.callId)}>
            <Icon name="camera" size={18} />
            Join
          </a>
        )}
        <a class="button compact" href={timelinePath(call.callId)}>
          <Icon name="timeline" size={18} />
          Timeline
        </a>
      </div>
    </li>
  );
}

/** The first few names; more would not fit. */
function peopleWords(people: readonly string[]): string {
  const shown = people.slice(0, 4).join(', ');
  return people.length > 4 ? `${shown} and ${people.length - 4} more` : shown;
}

function NoCalls() {
  return (
    <div class="no-calls" data-testid="calls-list">
      <p>
        <strong>No calls yet.</strong>
      </p>
      <p class="soft">
        Start one, copy its link from the call and send it to somebody. It is listed here from then on, with
        its timeline.
      </p>
    </div>
  );
}

function ListSkeleton() {
  return (
    <div class="calls" aria-busy="true" aria-label="Loading your calls">
      <div class="call-row skeleton" />
      <div class="call-row skeleton" />
      <div class="call-row skeleton" />
    </div>
  );
}

function ListError({ error, onRetry }: { error: RingbackError; onRetry: () => void }) {
  const known = explain(error.code);
  return (
    <div class="notice bad" role="alert">
      <div class="stack">
        <div>
          <strong>{known?.title ?? 'Your calls could not be read'}</strong>
          {known?.text ?? error.message}
        </div>
        <div>
          <button type="button" class="button compact" onClick={onRetry}>
            Try again
          </button>
        </div>
      </div>
    </div>
  );
}
