import type { ViewStatus } from '@ringback/schemas';
import type { Arguments } from '../arguments.ts';
import { writeJson, type Command } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { limits } from '../limits.ts';
import { homeOf, openPlatform, type Platform } from '../platform.ts';
import { padEnd, type Terminal } from '../terminal.ts';
import { accept, resultOf } from '../views.ts';

export const views: Command = {
  name: 'views',
  summary: 'Say how far the views are; "views rebuild NAME" makes one anew.',
  positionals: [],
  optionalPositionals: ['rebuild', 'NAME'],
  options: {},
  notes: [
    'Views are made from the log: the call list, sessions, routes. calls@1.2 is version 1, second copy.',
    'rebuild makes another copy beside the one that is read, compares both at one place of the log, and switches.',
  ],
  async run(args, terminal, signal) {
    const [verb, name] = args.positionals;
    if (verb !== undefined && verb !== 'rebuild')
      throw usageFailure(`ringback views does not take "${verb}".`, 'See ringback views --help.');
    if (verb === 'rebuild' && name === undefined)
      throw usageFailure('ringback views rebuild needs the NAME of a view.', 'ringback views lists them.');
    await using platform = await openPlatform(homeOf(args));
    // Awaited here: the connection ends with this block.
    if (name !== undefined) return await rebuild(platform, name, args, terminal, signal);
    const { views: all } = await status(platform);
    if (args.values.json === true) writeJson(terminal, all);
    else terminal.write(viewsText(all));
    return 0;
  },
};

async function rebuild(
  platform: Platform,
  name: string,
  args: Arguments,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const liveBefore = (await status(platform)).views.find((view) => view.name === name && view.live);
  accept(await platform.tellViews({ do: 'rebuild', view: name }));
  const json = args.values.json === true;
  for (let shown = ''; !signal.aborted;) {
    const { views: all, rebuilt } = await status(platform);
    const live = all.find((view) => view.name === name && view.live);
    const building = all.find((view) => view.name === name && !view.live);
    if (building === undefined && live !== undefined && nameOf(live) !== (liveBefore && nameOf(liveBefore))) {
      const result = rebuilt.find(({ view }) => view === nameOf(live)) ?? { view: nameOf(live) };
      if (json) writeJson(terminal, result);
      else terminal.write(`${result.view} is read from now on${sameText(result.same)}.\n`);
      return 0;
    }
    const line = building === undefined ? '' : `${nameOf(building)}: ${progressText(building)}\n`;
    if (!json && line !== shown) terminal.write(line);
    shown = line;
    await pause(limits.rebuildPollMs, signal);
  }
  return 0;
}

function sameText(same: boolean | undefined): string {
  if (same === undefined) return '';
  return same
    ? '; its rows are those of the former copy'
    : '; its rows are others than those of the former copy, which was damaged, or had calls parked';
}

async function status(platform: Platform) {
  return resultOf(await platform.askViews({ ask: 'views' }), 'views');
}

export function viewsText(all: readonly ViewStatus[]): string {
  const width = Math.max(0, ...all.map((view) => nameOf(view).length));
  return all
    .map((view) => {
      const how = view.live
        ? view.followed
          ? 'live'
          : 'live, stands still until its successor is built'
        : 'being built';
      return `${padEnd(nameOf(view), width)}  ${progressText(view)}  ${how}\n`;
    })
    .join('');
}

function nameOf({ name, version, build }: ViewStatus): string {
  return `${name}@${version}.${build}`;
}

function progressText({ partitions }: ViewStatus): string {
  const done = partitions.reduce((sum, { position }) => sum + position, 0);
  const all = partitions.reduce((sum, { position, head }) => sum + Math.max(position, head), 0);
  return done === all ? `all ${all} commits` : `${done} of ${all} commits`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
