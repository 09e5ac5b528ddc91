import { Icon } from '../ui/icons.tsx';
import { families, type Family } from './families.ts';
import { markerPath } from './markers.ts';
import type { TimelineModel } from './model.ts';

const zoomMax = 64;

/** Which events to show, and how wide. The buttons of the families are the legend, too. */
export function Toolbar({ model }: { model: TimelineModel }) {
  return (
    <div class="toolbar">
      <div class="row tight" role="group" aria-label="Families of events">
        {families.map(({ family, label }) => (
          <FamilyToggle key={family} model={model} family={family} label={label} />
        ))}
      </div>
      <label class="visually-hidden" for="participant-filter">
        Whose events
      </label>
      <select
        id="participant-filter"
        class="plain-select"
        value={model.onlyParticipant.value ?? ''}
        onChange={(e) => (model.onlyParticipant.value = e.currentTarget.value || undefined)}
      >
        <option value="">Everybody</option>
        {model.lanes.value.people.map((person) => (
          <option key={person.participantId} value={person.participantId}>
            {person.displayName}
          </option>
        ))}
      </select>
      <span class="grow" />
      {!model.ended.value && <FollowButton model={model} />}
      <ScaleChoice model={model} />
      <Zoom model={model} />
    </div>
  );
}

function FamilyToggle(props: { model: TimelineModel; family: Family; label: string }) {
  const { model, family } = props;
  const shown = !model.hidden.value.has(family);
  const toggle = () => {
    const hidden = new Set(model.hidden.value);
    if (shown) hidden.add(family);
    else hidden.delete(family);
    model.hidden.value = hidden;
  };
  return (
    <button type="button" class="chip" aria-pressed={shown} data-family={family} onClick={toggle}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        <path class={`marker ${family}`} d={markerPath(family, 7, 7)} />
      </svg>
      {props.label}
    </button>
  );
}

function FollowButton({ model }: { model: TimelineModel }) {
  return (
    <button
      type="button"
      class="chip"
      aria-pressed={model.following.value}
      onClick={() => model.select(model.count.value)}
    >
      Follow live
    </button>
  );
}

function ScaleChoice({ model }: { model: TimelineModel }) {
  const kinds = [
    { kind: 'time', label: 'By time', title: 'Distances are durations' },
    { kind: 'order', label: 'By event', title: 'One step an event: opens up bursts' },
  ] as const;
  return (
    <div class="segments" role="group" aria-label="Axis">
      {kinds.map(({ kind, label, title }) => (
        <button
          key={kind}
          type="button"
          title={title}
          aria-pressed={model.scaleKind.value === kind}
          onClick={() => (model.scaleKind.value = kind)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function Zoom({ model }: { model: TimelineModel }) {
  const zoom = model.zoom.value;
  return (
    <div class="row zoom" role="group" aria-label="Zoom">
      <button
        type="button"
        class="button quiet compact icon-only"
        aria-label="Zoom out"
        title="Zoom out"
        disabled={zoom === 1}
        onClick={() => (model.zoom.value = zoom / 2)}
      >
        <Icon name="minus" size={18} />
      </button>
      <span class="small nums soft">{zoom}×</span>
      <button
        type="button"
        class="button quiet compact icon-only"
        aria-label="Zoom in"
        title="Zoom in"
        disabled={zoom === zoomMax}
        onClick={() => (model.zoom.value = zoom * 2)}
      >
        <Icon name="plus" size={18} />
      </button>
    </div>
  );
}
