import { describe, expect, it } from 'vitest';
import type { CallEvent } from '@ringback/schemas';
import {
  a,
  b,
  began,
  candidate,
  created,
  ended,
  joined,
  layersChanged,
  left,
  lowered,
  log,
  muted,
  offered,
  published,
  refusal,
  removed,
  report,
  toCallServer,
} from './events.fixture.ts';
import { familyOf } from './families.ts';
import { hashOfSeq, seqOfHash } from './hash.ts';
import { placeNote } from './notes.ts';
import { TimelineModel } from './model.ts';
import { makeScale } from './scale.ts';
import { windowOf } from './window.ts';

const events = log(
  created,
  joined(a, 'A'),
  published(a, 't1'),
  joined(b, 'B'),
  offered(a, b),
  candidate(a, b, 'candidate:1 1 udp 1 198.51.100.1 9 typ relay'),
  muted(a, 't1'),
  left(b),
  ended,
);

function loaded(): TimelineModel {
  const model = new TimelineModel();
  model.add(events);
  return model;
}

describe('timeline', () => {
  it('follows the newest event until the reader goes back', () => {
    const model = new TimelineModel();
    model.add(events.slice(0, 4));
    expect(model.cursor.value.seq).toBe(4);
    model.select(2);
    model.add(events.slice(4));
    expect(model.cursor.value.seq).toBe(2);
    expect(model.following.value).toBe(false);
    model.select(events.length);
    expect(model.following.value).toBe(true);
  });

  it('takes each event once, in order', () => {
    const model = loaded();
    model.add(events);
    model.add(events.slice(5));
    expect(model.count.value).toBe(events.length);
    expect(model.ended.value).toBe(true);
  });

  it('shows the call as it was at the selected instant', () => {
    const model = loaded();
    const micOf = () => model.view.value?.participants[a]?.tracks['t1'];
    model.select(3);
    expect(Object.keys(model.view.value?.participants ?? {})).toEqual([a]);
    expect(micOf()?.muted).toBe(false);
    model.selectTime(began + 6_500);
    expect(model.cursor.value).toEqual({ seq: 7, time: began + 6_500 });
    expect(micOf()?.muted).toBe(true);
    model.select(9);
    expect(model.view.value?.status).toBe('ended');
    model.select(1);
    expect(model.view.value?.participants).toEqual({});
  });

  it('folds the same state with and without checkpoints on the way', () => {
    const mutes = Array.from({ length: 700 }, () => muted(a, 't1'));
    const many = log(created, joined(a, 'A'), published(a, 't1'), ...mutes);
    const there = new TimelineModel();
    there.add(many);
    there.select(600);
    const direct = new TimelineModel();
    direct.add(many.slice(0, 600));
    expect(there.view.value).toEqual(direct.view.value);
  });

  it('steps over events that the filters hide', () => {
    const model = loaded();
    model.hidden.value = new Set(['negotiation']);
    model.select(4);
    model.step(1);
    expect(model.cursor.value.seq).toBe(7);
    model.step(-1);
    expect(model.cursor.value.seq).toBe(4);
    model.select(6);
    model.step(-1);
    expect(model.cursor.value.seq).toBe(4);
    model.step(Infinity);
    expect(model.cursor.value.seq).toBe(9);
    model.step(-Infinity);
    expect(model.cursor.value.seq).toBe(1);
  });

  it('shows for one person what they did and what came to them', () => {
    const model = loaded();
    model.onlyParticipant.value = b;
    expect(model.shown.value.map((e) => e.sequence)).toEqual([4, 5, 6, 8]);
  });

  it('says each event in words', () => {
    const model = loaded();
    expect(events.map((e) => model.describe(e))).toEqual([
      'Call “Weekly” created',
      'A joined as host',
      'A sends microphone',
      'B joined',
      'Offer A → B',
      'Candidate (relay) A → B',
      'A muted microphone',
      'B left',
      'Call ended: a host ended it',
    ]);
    expect(events.map((e) => familyOf(e.type))).toContain('negotiation');
  });
});

it('reads and writes links to an event', () => {
  expect(seqOfHash(hashOfSeq(12))).toBe(12);
  expect(seqOfHash('#seq=x')).toBeUndefined();
  expect(seqOfHash('')).toBeUndefined();
});

it('draws long lists in part only', () => {
  expect(windowOf(300, 0, 600, 36)).toEqual({ from: 0, to: 300 });
  expect(windowOf(5_000, 36_000, 360, 36)).toEqual({ from: 980, to: 1030 });
  expect(windowOf(5_000, 180_000, 360, 36).to).toBe(5_000);
});

describe('notes', () => {
  const join = report(b, 3_500, {
    kind: 'join',
    route: 'p2p',
    marks: { firstFrame: 412, token: 12, socket: 40.4, dtls: 180 },
  });
  const quality = report(b, 3_600, {
    kind: 'quality',
    samples: [{ leg: 'send', connectionState: 'connected' }],
  });

  it('stand between the events by time, samples left out', () => {
    const model = loaded();
    model.addTelemetry([join, quality]);
    model.addTelemetry([refusal('guest-A', 2_500), refusal('guest-C', -1_000)]);
    const rows = model.rows.value.map((row) => ('event' in row ? row.event.sequence : row.note.id));
    expect(rows).toEqual([1, 'refusal -1000', 2, 3, 'refusal 2500', 4, 'report 3500', 5, 6, 7, 8, 9]);
    expect(model.notes.value.map((note) => model.describeNote(note))).toEqual([
      'Somebody outside: call.lock refused: Only a host of the call may do this. (not_host)',
      'A: call.lock refused: Only a host of the call may do this. (not_host)',
      'B: first frame after 412 ms: token 12, socket 40, DTLS 180, first frame 412',
    ]);
  });

  it('go with the filters', () => {
    const model = loaded();
    model.addTelemetry([join, refusal('guest-A', 2_500)]);
    model.onlyParticipant.value = b;
    expect(model.shownNotes.value.map((note) => note.id)).toEqual(['report 3500']);
    model.hidden.value = new Set(['telemetry']);
    expect(model.shownNotes.value).toEqual([]);
  });

  it('have a place on the axis: a join from the click to the first frame', () => {
    const model = loaded();
    model.addTelemetry([join]);
    const scale = makeScale('time', model.times, model.timeOf(model.count.value), 8_028);
    const { x, stepXs } = placeNote(model.notes.value[0]!, model.times, scale);
    expect(Math.round(x)).toBe(14 + 3_500);
    expect(stepXs.map((step) => Math.round(step - 14))).toEqual([3_100, 3_128, 3_268, 3_500]);
  });
});

describe('events that this page is too old for', () => {
  it('have their place and change nothing else, also for what follows', () => {
    const model = new TimelineModel();
    const events = log(created, joined(a, 'A'), joined(b, 'B'), published(b, 't1'), lowered(b, a));
    model.add([
      events[0]!,
      { ...events[1]!, type: 'call.levitated' } as unknown as CallEvent,
      { ...events[2]!, schemaversion: 9 } as unknown as CallEvent,
      ...events.slice(3),
    ]);
    expect(model.events.slice(1, 3).map((event) => model.describe(event))).toEqual([
      'Unknown to this page: call.levitated, version 1',
      'Unknown to this page: call.participant.joined, version 9',
    ]);
    expect(model.view.value).toMatchObject({ seq: 5, participants: {} });
    expect(model.lanes.value.people).toEqual([]);
    expect(model.shown.value).toHaveLength(5);
  });
});

describe('sentences about media', () => {
  it('name the cause and what it rests on', () => {
    const model = new TimelineModel();
    model.add(
      log(
        ...[created, joined(a, 'A'), joined(b, 'B'), published(a, 't1'), toCallServer(1)],
        ...[layersChanged(b, a, 't1'), lowered(b, a), removed(b, a)],
      ),
    );
    expect(model.events.slice(4).map((event) => model.describe(event))).toEqual([
      'Media goes through media-1 (eu, 12 % in use): more than two people have media',
      "B gets less of microphone of A (2/2 → 0/2): the viewer's bandwidth (availableOutgoingBitrate 280 kbit/s)",
      'A lowered the hand of B',
      'B was removed by A',
    ]);
  });
});
