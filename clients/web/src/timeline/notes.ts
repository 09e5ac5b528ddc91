import type { JoinMarks, TelemetryEvent } from '@ringback/schemas';
import { countUpTo, type Scale } from './scale.ts';

/** Telemetry as the timeline shows it: a refusal, or how a join went. No fact: it has no sequence. */
export interface Note {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Who it is about: a refused user may never have been in the call. */
  readonly participantId?: string;
  readonly userId?: string;
  readonly text: string;
  /** Of a join: what was reached, in order; `ms` since the person asked to join. */
  readonly steps?: readonly Step[];
}

export interface Step {
  readonly name: string;
  readonly ms: number;
}

const markNames: Record<keyof JoinMarks, string> = {
  token: 'token',
  socket: 'socket',
  joined: 'joined',
  ice: 'ICE',
  dtls: 'DTLS',
  firstFrame: 'first frame',
};

/** Nothing where it is a mere sample. */
export function noteOf(event: TelemetryEvent): Note | undefined {
  const { id, type } = event;
  const time = Date.parse(event.time);
  if (type === 'call.command.rejected') {
    const { command, actor, rejection } = event.data;
    const text = `${command} refused: ${rejection.message} (${rejection.code})`;
    return { id, time, text, ...(actor.kind === 'user' ? { userId: actor.userId } : {}) };
  }
  if (type !== 'call.client.reported' || event.data.report.kind !== 'join') return undefined;
  const { participantId, report } = event.data;
  const steps = (Object.keys(markNames) as (keyof JoinMarks)[])
    .flatMap((mark) => {
      const ms = report.marks[mark];
      return ms === undefined ? [] : [{ name: markNames[mark], ms: Math.round(ms) }];
    })
    .sort((a, b) => a.ms - b.ms);
  return { id, time, participantId, text: joinWords(report.marks.firstFrame, steps), steps };
}

function joinWords(firstFrame: number | undefined, steps: readonly Step[]): string {
  const end =
    firstFrame === undefined ? 'no first frame yet' : `first frame after ${Math.round(firstFrame)} ms`;
  return `${end}: ${steps.map(({ name, ms }) => `${name} ${ms}`).join(', ')}`;
}

/** A note with its place on the axis. */
export interface PlacedNote extends Note {
  readonly x: number;
  /** Where each step of a join was reached. */
  readonly stepXs: readonly number[];
}

/** Notes have times and no sequence: by order they stand at the event before them. */
export function placeNote(note: Note, times: readonly number[], scale: Scale): PlacedNote {
  const xAt = (time: number) => scale.xOfCursor({ seq: countUpTo(times, time), time });
  // The report comes with its last step; what is before the call has no place.
  const began = note.time - (note.steps?.at(-1)?.ms ?? 0);
  const least = times[0] ?? 0;
  const stepXs = (note.steps ?? []).map(({ ms }) => xAt(Math.max(began + ms, least)));
  return { ...note, x: xAt(Math.max(note.time, least)), stepXs };
}
