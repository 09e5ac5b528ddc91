import { describe, expect, it } from 'vitest';
import { largeItem, StageState, tileSizes, type LargeFacts } from './stage-state.ts';

const facts: LargeFacts = {
  view: 'auto',
  pinned: undefined,
  screens: [],
  others: ['a', 'b'],
  active: 'b',
  self: 'me',
};

describe('what takes the room', () => {
  it.each([
    ['nothing at first', {}, undefined],
    ['a shared screen', { screens: ['screen:a'] }, 'screen:a'],
    ['the latest of two screens', { screens: ['screen:a', 'screen:b'] }, 'screen:b'],
    ['no screen where somebody asked for the grid', { view: 'grid', screens: ['screen:a'] }, undefined],
    ['who has the floor', { view: 'speaker' }, 'b'],
    ['the first where nobody spoke', { view: 'speaker', active: undefined }, 'a'],
    ['nobody where one is alone', { view: 'speaker', others: [], active: undefined }, undefined],
    ['a screen before the speaker', { view: 'speaker', screens: ['screen:a'] }, 'screen:a'],
    ['who is pinned, whatever else', { view: 'grid', screens: ['screen:a'], pinned: 'a' }, 'a'],
    ['oneself, pinned', { pinned: 'me' }, 'me'],
    ['nobody who was pinned and left', { pinned: 'gone' }, undefined],
  ] as const)('%s', (_, change, item) => {
    expect(largeItem({ ...facts, ...change })).toBe(item);
  });
});

describe('looking at the call', () => {
  it('goes from whatever is large to the grid and from there to the speaker', () => {
    const stage = new StageState();
    stage.pinned.value = 'a';
    stage.laidOut('a', 0, 1);
    stage.toggleView();
    expect([stage.view.value, stage.pinned.value]).toEqual(['grid', undefined]);
    stage.laidOut(undefined, 0, 1);
    stage.toggleView();
    expect(stage.view.value).toBe('speaker');
  });

  it('turns pages within their ends', () => {
    const stage = new StageState();
    stage.laidOut(undefined, 0, 2);
    stage.turn(-1);
    expect(stage.page.value).toBe(0);
    stage.turn(1);
    stage.turn(1);
    expect(stage.page.value).toBe(1);
  });

  it('leaves the grid for a screen that is shared anew', () => {
    const stage = new StageState();
    stage.view.value = 'grid';
    stage.screenShared();
    expect(stage.view.value).toBe('auto');
  });
});

it('tells sizes in device pixels, nothing for what is not shown, and who speaks', () => {
  const videos = [
    { participantId: 'a', trackId: 'cam' },
    { participantId: 'b', trackId: 'cam' },
  ];
  const boxOf = (v: { participantId: string }) =>
    v.participantId === 'a' ? { width: 100.4, height: 50 } : undefined;
  expect(tileSizes(videos, boxOf, 2, 'b')).toEqual({
    'a/cam': { width: 201, height: 100 },
    'b/cam': { width: 0, height: 0, speaking: true },
  });
});
