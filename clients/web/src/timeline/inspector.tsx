import type { CallEvent } from '@ringback/schemas';
import { clockTime, offsetTime } from '../text/time.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import type { TimelineModel } from './model.ts';

/** The selected event in full. */
export function Inspector({ model }: { model: TimelineModel }) {
  const event = model.selected.value;
  return (
    <section class="panel" aria-label="Selected event">
      <header>
        <h2>Event</h2>
        {event && <p class="soft small">{model.describe(event)}</p>}
      </header>
      {event ? <EventDetails model={model} event={event} /> : <p class="soft">Select an event.</p>}
    </section>
  );
}

function EventDetails({ model, event }: { model: TimelineModel; event: CallEvent }) {
  const json = JSON.stringify(event, null, 2);
  const cause = model.causeOf(event);
  const ms = Date.parse(event.time);
  return (
    <>
      <dl class="facts">
        <Fact name="Type">{event.type}</Fact>
        <Fact name="Sequence">{event.sequence}</Fact>
        <Fact name="Time">
          {clockTime(ms)} ({offsetTime(ms - model.timeOf(1))})
        </Fact>
        <Fact name="Actor">{cause ? actorWords(model, cause) : 'not kept'}</Fact>
        <Fact name="Caused by">{cause ? cause.command : event.causationid}</Fact>
        {cause && (
          <Fact name="Decided after">
            {Math.max(0, ms - Date.parse(cause.receivedTime))} ms at the platform
          </Fact>
        )}
        <Fact name="Code">{event.codeversion}</Fact>
      </dl>
      <div class="row tight">
        <CopyButton text={() => json} label="Copy JSON" />
        <CopyButton
          text={() => `${location.origin}${location.pathname}#seq=${event.sequence}`}
          label="Copy link to it"
        />
      </div>
      <pre class="json" tabIndex={0} aria-label="The event as JSON">
        {json}
      </pre>
    </>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class="mono">{children}</dd>
    </>
  );
}

function actorWords(model: TimelineModel, cause: NonNullable<CallEvent['data']['cause']>): string {
  const { actor, participantId } = cause;
  if (actor.kind === 'system') return `platform: ${actor.name}`;
  const name = participantId === undefined ? undefined : model.names.value.get(participantId);
  const who = name === undefined ? actor.userId : `${name} (${actor.userId})`;
  return actor.guest ? `${who}, guest` : who;
}
