import { callIdSchema, type CallEvent, type ParkedInView } from '@ringback/schemas';
import type { Arguments } from '../arguments.ts';
import { writeJson, type Command } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { limits } from '../limits.ts';
import { homeOf, openPlatform, type Platform } from '../platform.ts';
import { cut, padEnd, printable, widthOf, type Terminal } from '../terminal.ts';
import { clockTime } from '../text.ts';
import { accept, resultOf } from '../views.ts';

const verbs = ['list', 'show', 'retry', 'drop'] as const;
type Verb = (typeof verbs)[number];

export const parked: Command = {
  name: 'parked',
  summary: 'Calls that can not be folded any further: list, show, retry or drop them.',
  positionals: ['list, show, retry or drop'],
  optionalPositionals: ['VIEW', 'CALL'],
  options: {},
  notes: [
    'parked list · parked show VIEW CALL · parked retry VIEW CALL · parked drop VIEW CALL',
    'A call that a view can not fold stands still there. What follows is kept beside it; retry folds that again.',
    'drop gives the call up in this view; a rebuild takes it in again. In the view "owner" the call itself stands',
    'still: its owner folds it again when a calls worker of another version is started.',
  ],
  async run(args, terminal) {
    const { verb, view, callId } = wanted(args);
    await using platform = await openPlatform(homeOf(args));
    const json = args.values.json === true;
    if (verb === 'list') {
      const all = await listAll(platform);
      if (json) writeJson(terminal, all);
      else terminal.write(parkedText(terminal, all));
      return 0;
    }
    if (view === ownerView)
      throw usageFailure(
        'What its owner has parked is only listed.',
        'Start a calls worker that can fold the call.',
      );
    if (verb === 'show') {
      const { call, events } = resultOf(
        await platform.askViews({ ask: 'parked-call', view, callId }),
        'events',
      );
      if (json) writeJson(terminal, { call, events });
      else terminal.write(shownText(call, events));
      return 0;
    }
    accept(await platform.tellViews({ do: verb, view, callId }));
    if (json) writeJson(terminal, { view, callId, done: verb });
    else
      terminal.write(
        verb === 'retry' ? `${callId} is back in ${view}.\n` : `${callId} is given up in ${view}.\n`,
      );
    return 0;
  },
};

/** The owners' own, beside the names of views. */
const ownerView = 'owner';

function wanted(args: Arguments): { verb: Verb; view: string; callId: string } {
  const [word, view = '', callId = ''] = args.positionals;
  const verb = verbs.find((one) => one === word);
  if (verb === undefined)
    throw usageFailure(
      `ringback parked does not take "${word}".`,
      'list, show, retry or drop: see ringback parked --help.',
    );
  if (verb !== 'list' && !callIdSchema.safeParse(callId).success)
    throw usageFailure(`ringback parked ${verb} needs a VIEW and a CALL.`, 'ringback parked list says both.');
  return { verb, view, callId };
}

async function listAll(platform: Platform): Promise<ParkedInView[]> {
  const partitions = await platform.partitions();
  const answers = await Promise.all(
    partitions.map((partition) => platform.ask(partition, { ask: 'parked' })),
  );
  const owners = answers.flatMap((answer) => (answer.ok && 'parked' in answer ? answer.parked : []));
  const { parked: inViews } = resultOf(await platform.askViews({ ask: 'parked' }), 'parked');
  return [...owners.map((call) => ({ view: ownerView, ...call })), ...inViews];
}

export function parkedText(terminal: Terminal, all: readonly ParkedInView[]): string {
  if (all.length === 0) return 'No call is parked.\n';
  const width = Math.max(...all.map(({ view }) => widthOf(view)));
  return all
    .map(({ view, callId, seq, reason, since, kept, over }) => {
      const fate = over === undefined ? `${kept} kept` : over;
      const why = cut(printable(reason), limits.reasonColumnsMax);
      return `${padEnd(view, width)}  ${callId}  ${clockTime(since)}  ${fate}  event ${seq}: ${why}\n`;
    })
    .map((line) => (terminal.columns === undefined ? line : `${cut(line.trimEnd(), terminal.columns)}\n`))
    .join('');
}

function shownText({ view, callId, seq, reason, since }: ParkedInView, events: readonly CallEvent[]): string {
  const head = `${callId} is parked in ${view} since ${clockTime(since)}, at event ${seq}:\n  ${printable(reason)}\n`;
  return `${head}${events.map(({ sequence, type }) => `  ${sequence}  ${printable(type)}\n`).join('')}`;
}
