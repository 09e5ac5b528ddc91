import { rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { codeVersion } from '@ringback/runtime';
import { callIdOf, textOf } from '../arguments.ts';
import { writeCallFile } from '../call-file/call-file.ts';
import { readCallLog, telemetryOf } from '../call-log.ts';
import { writeJson, type Command } from '../command.ts';
import { Failure, reasonOf } from '../failure.ts';
import { homeOf, openPlatform } from '../platform.ts';
import { counted } from '../text.ts';

export const exportCall: Command = {
  name: 'export',
  summary: 'Write a call into one file that says all that happened in it.',
  positionals: ['CALL'],
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'Where to (default: <CALL>.ndjson.zst); overwrites.',
    },
  },
  notes: [
    'A name that ends in .zst is compressed with zstd, any other is plain text: a manifest, then the facts,',
    'then the telemetry, one JSON object a line. ringback replay reads it. It holds what people said of',
    'themselves (names) and their network addresses: share it as you would share the call.',
  ],
  async run(args, terminal) {
    const callId = callIdOf(args);
    const file = textOf(args, 'output') ?? `${callId}.ndjson.zst`;
    await using platform = await openPlatform(homeOf(args));
    const { facts } = await readCallLog(platform, callId);
    const telemetry = await telemetryOf(platform, callId);
    const { bytes, manifest } = writeCallFile(facts, telemetry, {
      codeVersion,
      compressed: file.endsWith('.zst'),
    });
    await writeWhole(resolve(file), bytes);
    if (args.values.json === true) writeJson(terminal, { file, bytes: bytes.length, manifest });
    else
      terminal.write(
        `${file}: ${counted(manifest.facts, 'event')}, ${manifest.telemetry} of telemetry, ${counted(bytes.length, 'byte')}\n` +
          `State hash ${manifest.stateHash}\n`,
      );
    return 0;
  },
};

/** Whole or not at all: half a file would be taken for a damaged call. */
async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const unfinished = `${path}.part`;
  try {
    await writeFile(unfinished, bytes);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new Failure(
      'not_written',
      `${path} can not be written: ${reasonOf(error)}.`,
      'Name another file with --output.',
      { cause: error },
    );
  }
}
