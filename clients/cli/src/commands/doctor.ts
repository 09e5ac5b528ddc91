import { inspectLog } from '@ringback/eventlog';
import { natsCommands, runDoctor, type DoctorRow } from '@ringback/local/doctor';
import type { Arguments } from '../arguments.ts';
import { writeJson } from '../command.ts';
import { Failure, reasonOf } from '../failure.ts';
import { homeOf, openPlatform } from '../platform.ts';
import { padEnd, paint, printable, widthOf, wrap, type Style, type Terminal } from '../terminal.ts';

export async function runDoctorCommand(args: Arguments, terminal: Terminal): Promise<number> {
  const home = homeOf(args);
  const rows = [...(await runDoctor(home)), ...(await logRows(home))];
  if (args.values.json === true) writeJson(terminal, rows);
  else terminal.write(doctorText(terminal, rows, natsCommands(home)));
  return rows.some(({ state }) => state === 'fail') ? 1 : 0;
}

/** The log as its readers find it: on our own nats-server, or on others'. */
async function logRows(home: string): Promise<DoctorRow[]> {
  try {
    await using platform = await openPlatform(home);
    const findings = await inspectLog(platform.nc);
    return findings.map(({ state, message, remedy }) => ({
      ...{ part: 'log', version: '', state, detail: message, remedy },
    }));
  } catch (error) {
    const { message, remedy } = error instanceof Failure ? error : { message: reasonOf(error), remedy: '' };
    return [{ part: 'log', version: '', state: 'warn', detail: message, remedy }];
  }
}

const marks: Record<DoctorRow['state'], { mark: string; style: Style }> = {
  ok: { mark: '✓', style: 'green' },
  warn: { mark: '!', style: 'yellow' },
  fail: { mark: '✗', style: 'red' },
};

/** @param lookInside commands for a shell, one a line */
export function doctorText(
  terminal: Terminal,
  rows: readonly DoctorRow[],
  lookInside: readonly string[],
): string {
  const partColumns = Math.max(...rows.map(({ part }) => widthOf(part)));
  const versionColumns = Math.max(...rows.map(({ version }) => widthOf(version)));
  const indent = ['✓', ' '.repeat(partColumns), ' '.repeat(versionColumns), ''].join('  ').length;
  const width = terminal.columns === undefined ? Infinity : terminal.columns - indent;
  const lines = rows.flatMap(({ part, version, state, detail, remedy }) => {
    const { mark, style } = marks[state];
    const head = `${paint(terminal, style, mark)}  ${padEnd(part, partColumns)}  ${padEnd(version, versionColumns)}  `;
    const texts = remedy === '' ? [detail] : [detail, `→ ${remedy}`];
    return texts
      .flatMap((text) => wrap(printable(text), width))
      .map((text, index) => `${index === 0 ? head : ' '.repeat(indent)}${text}`);
  });
  const shell = lookInside.map((command) => `  ${command}`);
  return `${[...lines, '', paint(terminal, 'bold', 'Look inside with the nats command line'), ...shell].join('\n')}\n`;
}
