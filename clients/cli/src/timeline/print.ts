import { cut, padEnd, paint, widthOf, wrap, type Style, type Terminal } from '../terminal.ts';
import { limits } from '../limits.ts';
import { sinceStart } from '../text.ts';
import type { TimelineRow } from './rows.ts';

const gap = '  ';
const timeColumns = '+0:00.000'.length;
const seqColumns = 4;
const typeColumns = 'participant.disconnected'.length;
const styles: Record<TimelineRow['kind'], Style | undefined> = {
  fact: undefined,
  refusal: 'red',
  measured: 'dim',
  unknown: 'yellow',
};

/**
 * A row in columns: when, sequence, who, type, what. On a narrow screen the type gives way (the sentence says
 * it too), and long sentences go on below themselves.
 */
export function rowText(terminal: Terminal, row: TimelineRow): string {
  const wide = terminal.columns === undefined || terminal.columns >= limits.wideColumnsMin;
  const actorColumns = wide ? limits.actorColumnsMax : limits.actorColumnsMax - 6;
  const time = sinceStart(row.at).padStart(timeColumns);
  const seq = (row.seq?.toString() ?? (row.kind === 'refusal' ? '✗' : '~')).padStart(seqColumns);
  const actor = padEnd(cut(row.actor, actorColumns), actorColumns);
  const type = wide ? [row.type.padEnd(typeColumns)] : [];
  const indent = widthOf([time, seq, actor, ...type, ''].join(gap));
  const lines =
    terminal.columns === undefined ? [row.sentence] : wrap(row.sentence, terminal.columns - indent);
  const style = styles[row.kind];
  const sentence = lines
    .map((line) => (style === undefined ? line : paint(terminal, style, line)))
    .join(`\n${' '.repeat(indent)}`);
  return [
    paint(terminal, 'dim', time),
    style === undefined ? seq : paint(terminal, style, seq),
    paint(terminal, 'bold', actor),
    ...type.map((text) => paint(terminal, 'dim', text)),
    sentence,
  ].join(gap);
}
