import { stateHash } from '@ringback/eventlog';
import { msOfTime, type CallEvent, type TelemetryEvent } from '@ringback/schemas';
import { callIdOf, wholeNumber, type Arguments } from '../arguments.ts';
import { followCallLog, readCallLog, TelemetryTail } from '../call-log.ts';
import { writeJson, type Command } from '../command.ts';
import { Failure, usageFailure } from '../failure.ts';
import { foldKnown } from '../known.ts';
import { limits } from '../limits.ts';
import { homeOf, openPlatform } from '../platform.ts';
import type { Terminal } from '../terminal.ts';
import { counted } from '../text.ts';
import { rowText } from '../timeline/print.ts';
import { isFact, isSample, merged, RowMaker } from '../timeline/rows.ts';
import { stateText } from '../timeline/state-text.ts';

export const timeline: Command = {
  name: 'timeline',
  summary: 'Show what happened in a call, event by event, or how it was at an instant.',
  positionals: ['CALL'],
  options: {
    at: { type: 'string', value: 'SEQ', help: 'How the call was after this event.' },
    follow: { type: 'boolean', short: 'f', help: 'Go on as it happens, until the call ends or Ctrl-C.' },
    samples: { type: 'boolean', help: 'Show what was measured every few seconds, too.' },
  },
  notes: [
    'Columns: time since the call was made, sequence, who, type, what. Refusals have ✗ for a sequence,',
    'measurements ~: they are telemetry, not facts.',
    'With --json: one CloudEvent a line; with --at the state and its hash.',
  ],
  async run(args, terminal, signal) {
    const callId = callIdOf(args);
    const at = wholeNumber(args, 'at', 1);
    const follow = args.values.follow === true;
    if (at !== undefined && follow)
      throw usageFailure('--at and --follow exclude each other.', 'Leave one of them out.');
    await using platform = await openPlatform(homeOf(args));
    const { facts, next } = await readCallLog(platform, callId);
    if (at !== undefined) {
      printStateAt(terminal, args, facts, at);
      return 0;
    }
    const printer = new Printer(terminal, args, facts);
    const tail = new TelemetryTail(platform, callId);
    for (const event of merged(facts, await tail.read())) printer.print(event);
    if (follow && facts.at(-1)?.type !== 'call.ended')
      await followCall(followCallLog(platform, callId, next, signal), tail, printer, signal);
    printer.sayWhatIsLeftOut();
    return 0;
  },
};

/** Prints facts and telemetry, samples only where they are asked for. */
class Printer {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #samples: boolean;
  readonly #rows: RowMaker;
  #leftOut = 0;

  constructor(terminal: Terminal, args: Arguments, history: readonly CallEvent[]) {
    this.#rows = new RowMaker(history);
    this.#terminal = terminal;
    this.#json = args.values.json === true;
    this.#samples = args.values.samples === true;
  }

  print(event: CallEvent | TelemetryEvent): void {
    if (isFact(event)) return this.#write(event, () => this.#rows.fact(event));
    if (this.#samples || !isSample(event)) return this.#write(event, () => this.#rows.telemetry(event));
    this.#leftOut += 1;
  }

  sayWhatIsLeftOut(): void {
    if (this.#leftOut === 0 || this.#json) return;
    this.#terminal.write(`${counted(this.#leftOut, 'sample')} left out: --samples shows them.\n`);
  }

  #write(event: CallEvent | TelemetryEvent, row: () => Parameters<typeof rowText>[1]): void {
    if (this.#json) writeJson(this.#terminal, event);
    else this.#terminal.write(`${rowText(this.#terminal, row())}\n`);
  }
}

async function followCall(
  facts: AsyncIterable<CallEvent>,
  tail: TelemetryTail,
  printer: Printer,
  signal: AbortSignal,
): Promise<void> {
  const printTelemetry = async () => {
    for (const event of await tail.read()) printer.print(event);
  };
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    // A look that failed (the server is restarting) is made again by the next one.
    looking ??= printTelemetry()
      .catch(() => {})
      .finally(() => (looking = undefined));
  }, limits.telemetryEveryMs);
  try {
    for await (const fact of facts) printer.print(fact);
  } finally {
    clearInterval(timer);
    await looking;
  }
  if (!signal.aborted) await printTelemetry();
}

/** Also of `replay`: a file's events are read in the same way. */
export function printStateAt(
  terminal: Terminal,
  args: Arguments,
  facts: readonly CallEvent[],
  at: number,
): void {
  const event = facts[at - 1];
  if (event === undefined)
    throw new Failure(
      'no_such_event',
      `The call has ${facts.length} events; there is no event ${at}.`,
      `Name one from 1 to ${facts.length}.`,
    );
  const view = foldKnown(facts.slice(0, at));
  if (view === undefined)
    throw new Failure(
      'not_known',
      'No event up to there says that the call was made, as far as this version knows them.',
      'A newer version of the platform wrote it: use that one.',
    );
  if (args.values.json === true)
    writeJson(terminal, { callId: view.callId, seq: at, stateHash: stateHash(view), state: view });
  else terminal.write(stateText(terminal, view, msOfTime(event.time) - view.createdAt));
}
