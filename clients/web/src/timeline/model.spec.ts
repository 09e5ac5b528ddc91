import { describe, expect, it } from 'vitest';
import {
  a,
  b,
  began,
  candidate,
  created,
  ended,
  joined,
  left,
  log,
  muted,
  offered,
  published,
} from './events.fixture.ts';
import { familyOf } from './families.ts';
import { hashOfSeq, seqOfHash } from './hash.ts';
import { TimelineModel } from './model.ts';
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
