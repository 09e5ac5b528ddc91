import { limits as contract, type CallSummary } from '@ringback/schemas';
import { wholeNumber } from '../arguments.ts';
import { writeJson, type Command } from '../command.ts';
import { limits } from '../limits.ts';
import { homeOf, openPlatform, type Platform } from '../platform.ts';
import { resultOf } from '../views.ts';
import { cut, padEnd, paint, printable, widthOf, type Terminal } from '../terminal.ts';
import { clockTime, listed as joined, span } from '../text.ts';

const pageMax = contract.callsPageMax;

export const calls: Command = {
  name: 'calls',
  summary: 'List the calls that are open.',
  positionals: [],
  options: {
    all: { type: 'boolean', help: 'Those that ended too.' },
    limit: { type: 'string', value: 'N', help: `The newest N (default ${limits.callsShownDefault}).` },
  },
  notes: ['Newest first. With --json: one array of summaries, as GET /v1/calls returns them.'],
  async run(args, terminal) {
    const all = args.values.all === true;
    const limit = wholeNumber(args, 'limit', 1) ?? limits.callsShownDefault;
    await using platform = await openPlatform(homeOf(args));
    const found = await listCalls(platform);
    const shown = found.filter(({ status }) => all || status === 'open').slice(0, limit);
    if (args.values.json === true) writeJson(terminal, shown);
    else terminal.write(callsText(terminal, shown, { now: Date.now(), others: found.length - shown.length }));
    return 0;
  },
};

/** Those that are open first: of those that ended as many as a list may have. Newest first. */
async function listCalls(platform: Platform): Promise<CallSummary[]> {
  const open = await listed(platform, 'open');
  const ended = await listed(platform, 'ended');
  return [...open, ...ended].toSorted((a, b) => b.createdAt - a.createdAt);
}

async function listed(platform: Platform, status: CallSummary['status']): Promise<CallSummary[]> {
  const calls: CallSummary[] = [];
  for (let more = true; more && calls.length < limits.listMax;) {
    const last = calls.at(-1);
    const before = last && { createdAt: last.createdAt, callId: last.callId };
    const answer = await platform.askViews({
      ask: 'calls',
      status,
      limit: pageMax,
      ...(before && { before }),
    });
    const page = resultOf(answer, 'calls');
    calls.push(...page.calls);
    more = page.more;
  }
  return calls;
}

/** @param others how many calls there are beyond those shown */
export function callsText(
  terminal: Terminal,
  shown: readonly CallSummary[],
  { now, others }: { now: number; others: number },
): string {
  const more = others === 0 ? '' : `${others} more: ringback calls --all --limit ${shown.length + others}\n`;
  if (shown.length === 0) return others === 0 ? 'There are no calls yet.\n' : `No call is open. ${more}`;
  const rows = shown.map((call) => cells(call, now));
  const narrow = terminal.columns !== undefined && terminal.columns < limits.wideColumnsMin;
  return `${narrow ? twoLines(terminal, rows) : oneLine(terminal, rows)}${more}`;
}

interface Cells {
  readonly id: string;
  readonly state: string;
  readonly started: string;
  readonly lasted: string;
  readonly name: string;
  readonly people: string;
}

function cells(call: CallSummary, now: number): Cells {
  return {
    id: call.callId,
    state: call.status === 'open' ? `open, ${call.participantsNow} in it` : `ended (${call.endReason})`,
    started: clockTime(call.createdAt),
    lasted: span((call.endedAt ?? now) - call.createdAt),
    name: printable(call.name ?? '–'),
    people: call.people.length === 0 ? '–' : printable(joined(call.people, limits.peopleShownMax)),
  };
}

const titles: Cells = {
  id: 'ID',
  state: 'STATE',
  started: 'STARTED',
  lasted: 'DURATION',
  name: 'NAME',
  people: 'PEOPLE',
};
const fixed = ['id', 'state', 'started', 'lasted'] as const;

/** Names and people share what the fixed columns leave. */
function oneLine(terminal: Terminal, rows: readonly Cells[]): string {
  const all = [titles, ...rows];
  const widths = fixed.map((key) => Math.max(...all.map((row) => widthOf(row[key]))));
  const left = (terminal.columns ?? Infinity) - widths.reduce((sum, width) => sum + width + 2, 0) - 2;
  const nameWidest = Math.max(...all.map(({ name }) => widthOf(name)));
  const nameColumns = Math.min(nameWidest, Math.max(Math.floor(left / 2), left - widestPeople(all)));
  return all
    .map((row, index) => {
      const start = fixed.map((key, column) => padEnd(row[key], widths[column]!)).join('  ');
      const name = padEnd(cut(row.name, nameColumns), nameColumns);
      const line = `${start}  ${name}  ${cut(row.people, left - nameColumns)}`.trimEnd();
      return `${index === 0 ? paint(terminal, 'dim', line) : line}\n`;
    })
    .join('');
}

function widestPeople(rows: readonly Cells[]): number {
  return Math.max(...rows.map(({ people }) => widthOf(people)));
}

/** An id takes half of a narrow screen: what people know the call by goes on a line of its own. */
function twoLines(terminal: Terminal, rows: readonly Cells[]): string {
  const columns = terminal.columns ?? 0;
  return rows
    .map(({ name, people, id, state, started, lasted }) => {
      const title = paint(terminal, 'bold', cut(`${name}: ${people}`, columns));
      return `${title}\n  ${id}\n  ${cut(`${state}, ${started}, ${lasted}`, columns - 2)}\n`;
    })
    .join('');
}
