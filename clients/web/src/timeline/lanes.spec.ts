import { describe, expect, it } from 'vitest';
import {
  a,
  b,
  created,
  disconnected,
  ended,
  joined,
  left,
  locked,
  log,
  muted,
  offered,
  page1,
  page2,
  published,
  reconnected,
  unlocked,
  unmuted,
} from './events.fixture.ts';
import { buildLanes } from './lanes.ts';

describe('lanes', () => {
  it('has a lane for each person in the order they came, and one for the call', () => {
    const lanes = buildLanes(log(created, joined(a, 'A'), joined(b, 'B'), offered(b, a)));
    expect(lanes.people.map((p) => p.displayName)).toEqual(['A', 'B']);
    expect(lanes.life).toEqual([{ kind: 'open', from: 1 }]);
    expect(lanes.markers.get('call')).toEqual([1]);
    expect(lanes.people[1]?.markers.get('negotiation')).toEqual([4]);
    expect(lanes.people[0]?.markers.get('negotiation')).toBeUndefined();
  });

  it('follows presence through a lost connection, leaving and coming again', () => {
    const lanes = buildLanes(
      log(created, joined(a, 'A'), disconnected(a), reconnected(a, page1), left(a), joined(a, 'A')),
    );
    expect(lanes.people).toHaveLength(1);
    expect(lanes.people[0]?.presence).toEqual([
      { kind: 'connected', from: 2, to: 3 },
      { kind: 'disconnected', from: 3, to: 4 },
      { kind: 'connected', from: 4, to: 5 },
      { kind: 'connected', from: 6 },
    ]);
  });

  it('shows what was muted, and when', () => {
    const lanes = buildLanes(
      log(created, joined(a, 'A'), published(a, 't1'), muted(a, 't1'), unmuted(a, 't1'), left(a)),
    );
    expect(lanes.people[0]?.sources).toEqual([
      {
        source: 'microphone',
        spans: [
          { kind: 'on', from: 3, to: 4 },
          { kind: 'muted', from: 4, to: 5 },
          { kind: 'on', from: 5, to: 6 },
        ],
      },
    ]);
    expect(lanes.sourceOf(a, 't1')).toBe('microphone');
    expect(lanes.sourceOf(b, 't1')).toBeUndefined();
  });

  it('ends what a page sent when the person comes back on a new page, not when on the same', () => {
    const same = buildLanes(log(created, joined(a, 'A'), published(a, 't1'), reconnected(a, page1)));
    expect(same.people[0]?.sources[0]?.spans).toEqual([{ kind: 'on', from: 3 }]);
    const reload = buildLanes(log(created, joined(a, 'A'), published(a, 't1'), reconnected(a, page2)));
    expect(reload.people[0]?.sources[0]?.spans).toEqual([{ kind: 'on', from: 3, to: 4 }]);
    expect(reload.people[0]?.presence).toEqual([
      { kind: 'connected', from: 2, to: 4 },
      { kind: 'connected', from: 4 },
    ]);
  });

  it('closes everything with the call', () => {
    const lanes = buildLanes(log(created, joined(a, 'A'), locked, unlocked, locked, ended));
    expect(lanes.life).toEqual([{ kind: 'open', from: 1, to: 6 }]);
    expect(lanes.locked).toEqual([
      { kind: 'locked', from: 3, to: 4 },
      { kind: 'locked', from: 5, to: 6 },
    ]);
    expect(lanes.people[0]?.presence).toEqual([{ kind: 'connected', from: 2, to: 6 }]);
  });
});
