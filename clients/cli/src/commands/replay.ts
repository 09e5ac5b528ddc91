import { readFile } from 'node:fs/promises';
import { summarize } from '@ringback/domain';
import { codeVersion } from '@ringback/runtime';
import { wholeNumber, type Arguments } from '../arguments.ts';
import { readCallFile, type CallFile } from '../call-file/call-file.ts';
import { DamagedCallFile } from '../call-file/damage.ts';
import { writeJson, type Command } from '../command.ts';
import { Failure, reasonOf } from '../failure.ts';
import { limits } from '../limits.ts';
import { paint, printable, type Terminal } from '../terminal.ts';
import { counted, listed, span } from '../text.ts';
import { columns } from '../timeline/state-text.ts';
import { printStateAt } from './timeline.ts';

export const replay: Command = {
  name: 'replay',
  summary: 'Check an exported call and fold it again with the code that is here.',
  positionals: ['FILE'],
  options: { at: { type: 'string', value: 'SEQ', help: 'How the call was after this event.' } },
  notes: ['Needs no running platform. Exit code 1 where the file is damaged, or folds to another state.'],
  async run(args, terminal) {
    const at = wholeNumber(args, 'at', 1);
    const name = args.positionals[0]!;
    const file = await openCallFile(name);
    const verdict = verdictOf(file);
    if (at === undefined) printFile(terminal, args, file, verdict);
    else printStateAt(terminal, args, file.facts, at);
    if (verdict !== 'differs') return 0;
    throw new Failure(
      'other_state',
      `${name} folds to another state: ${file.stateHash}, its manifest says ${file.manifest.stateHash}.`,
      file.manifest.codeVersion === codeVersion
        ? 'The file was written by this version, so either the manifest or the folding code was changed.'
        : `Version ${file.manifest.codeVersion} wrote it, this is ${codeVersion}: what folds differently is a change of behaviour.`,
    );
  },
};

/** `open`: some events are of kinds that only a newer version knows, so a different hash proves nothing. */
type Verdict = 'same' | 'differs' | 'open';

function verdictOf({ stateHash, manifest, unknown }: CallFile): Verdict {
  if (stateHash === manifest.stateHash) return 'same';
  return unknown > 0 ? 'open' : 'differs';
}

async function openCallFile(name: string): Promise<CallFile> {
  const bytes = await readFile(name).catch((error: unknown) => {
    throw new Failure('not_read', `${name} can not be read: ${reasonOf(error)}.`, 'Check the name.', {
      cause: error,
    });
  });
  try {
    return readCallFile(bytes);
  } catch (error) {
    if (!(error instanceof DamagedCallFile)) throw error;
    throw new Failure(
      `damaged_${error.damage}`,
      `${name} is damaged: ${error.message}.`,
      'Get it again from where it came, or export the call again while the log has it.',
      { cause: error },
    );
  }
}

const verdictTexts: Record<Verdict, string> = {
  same: 'as the manifest says',
  differs: 'NOT what the manifest says',
  open: 'other than in the manifest, as may be with unknown events',
};

function telemetryText(telemetry: CallFile['telemetry']): string {
  const refusals = telemetry.filter(({ type }) => type === 'call.command.rejected').length;
  return `${counted(refusals, 'refusal')}, ${counted(telemetry.length - refusals, 'measurement')}`;
}

function printFile(terminal: Terminal, args: Arguments, file: CallFile, verdict: Verdict): void {
  const { manifest, view, facts, telemetry, unknown, stateHash } = file;
  const summary = summarize(view);
  if (args.values.json === true) {
    writeJson(terminal, {
      ok: verdict !== 'differs',
      verdict,
      stateHash,
      facts: facts.length,
      telemetry: manifest.telemetry,
      unknown,
      manifest,
      summary,
    });
    return;
  }
  const lasted = span((view.endedAt ?? Date.parse(facts.at(-1)!.time)) - view.createdAt);
  const rows = [
    ['Call', view.callId],
    ...(view.name === undefined ? [] : [['Name', printable(view.name)]]),
    ['Events', `${facts.length}, in sequence without gaps, bytes as written`],
    ['Telemetry', telemetryText(telemetry)],
    ...(unknown === 0
      ? []
      : [['Unknown', `${counted(unknown, 'event')} of kinds that this version does not know: skipped`]]),
    ['State', `${view.status === 'ended' ? `ended (${view.endReason})` : 'open'} after ${lasted}`],
    ['People', printable(listed(summary.people, limits.peopleShownMax)) || 'nobody'],
    ['Hash', stateHash],
    ['', verdictTexts[verdict]],
    ['Written by', `version ${manifest.codeVersion}`],
  ];
  const colour = verdict === 'same' ? 'green' : verdict === 'open' ? 'yellow' : 'red';
  const lines = columns(rows).map((line) =>
    line.includes(verdictTexts[verdict]) ? paint(terminal, colour, line) : line,
  );
  terminal.write(`${lines.join('\n')}\n`);
}
