import { describe, expect, it } from 'vitest';
import {
  a,
  b,
  created,
  disconnected,
  ended,
  joined,
  layersChanged,
  left,
  locked,
  lowered,
  log,
  muted,
  offered,
  page1,
  page2,
  published,
  raised,
  reconnected,
  settled,
  toCallServer,
  toPeers,
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

  it('shows each switch of the route until everybody has it, and while a Call Server has the media', () => {
    const lanes = buildLanes(
      log(created, joined(a, 'A'), toCallServer(1), settled(1), toPeers(2), toCallServer(3), ended),
    );
    expect(lanes.switches).toEqual([
      { kind: 'switching', label: 'Call Server', from: 3, to: 4 },
      { kind: 'switching', label: 'peer to peer', from: 5, to: 6 },
      { kind: 'switching', label: 'Call Server', from: 6, to: 7 },
    ]);
    expect(lanes.served).toEqual([
      { kind: 'served', from: 3, to: 5 },
      { kind: 'served', from: 6, to: 7 },
    ]);
    expect(lanes.markers.get('route')).toEqual([3, 4, 5, 6]);
  });

  it('shows what a viewer gets on the lane of the viewer', () => {
    const lanes = buildLanes(
      log(created, joined(a, 'A'), joined(b, 'B'), published(a, 't1'), layersChanged(b, a, 't1')),
    );
    expect(lanes.people.map((p) => p.markers.get('layers'))).toEqual([undefined, [5]]);
  });

  it('shows how long a hand was raised', () => {
    const lanes = buildLanes(log(created, joined(a, 'A'), raised(a), lowered(a, a), raised(a), left(a)));
    expect(lanes.people[0]?.hand).toEqual([
      { kind: 'hand', from: 3, to: 4 },
      { kind: 'hand', from: 5, to: 6 },
    ]);
  });
});
