import type { DoctorRow } from '@ringback/local/doctor';
import { expect, it } from 'vitest';
import { recordingTerminal } from '../testing/sample-call.ts';
import { doctorText } from './doctor.ts';

const rows: DoctorRow[] = [
  { part: 'Node.js', version: '24.21.0', state: 'ok', detail: 'as packaged', remedy: '' },
  {
    part: 'coturn',
    version: '',
    state: 'warn',
    detail: 'not installed: no calls between networks that block direct connections',
    remedy: 'Run apt-get install coturn, then start again.',
  },
];

it('puts a remedy below what it heals, within the screen', () => {
  expect(doctorText(recordingTerminal(60), rows, ["nats sub 'call.>'"])).toMatchInlineSnapshot(`
    "✓  Node.js  24.21.0  as packaged
    !  coturn            not installed: no calls between
                         networks that block direct connections
                         → Run apt-get install coturn, then
                         start again.

    Look inside with the nats command line
      nats sub 'call.>'
    "
  `);
});
