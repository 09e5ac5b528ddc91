import { expect, it } from 'vitest';
import { figuresOf, laterMs, type Join } from './report.ts';

const seen = { token: 20, socket: 50, joined: 60, ice: 200, dtls: 210, firstFrame: 300 };

it('compares with the timeline from the session on, for its clock starts later than the click', () => {
  const told = { socket: 30, joined: 42, ice: 181, firstFrame: 347 };
  expect(laterMs({ seen, told }, 'joined')).toBe(2);
  expect(laterMs({ seen, told }, 'ice')).toBe(1);
  expect(laterMs({ seen, told }, 'firstFrame')).toBe(67);
  expect(laterMs({ seen, told }, 'dtls')).toBeNaN();
});

it('names figures by the way the media takes, and leaves out what was not measured', () => {
  const join: Join = { seen, told: { socket: 30, joined: 40 }, happenings: [], idleShare: 0.5 };
  const figures = figuresOf({ p2p: [join], callServer: [], bare: [], failed: [] });
  expect(figures).toMatchObject({ firstFrameMsP50: 300, iceStepMs: 140, idleShare: 0.5, joins: 1 });
  expect(figures).not.toHaveProperty('firstFrameMsP50CallServer');
  expect(figures).not.toHaveProperty('ratioToLimit');
});
