import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { writeCallFile } from '@ringback/cli';
import { decide, evolve, initialState, toEvents } from '@ringback/domain';
import { codeVersion } from '@ringback/runtime';
import { timeOfCallId, timeOfMs, type CallEvent, type Command } from '@ringback/schemas';
import { uuid } from '../../core/domain/src/testing.ts';
import { callServerCall, hostActions, losses, type Script } from './scripts.ts';

/**
 * `node tests/histories/make.ts losses`: records a script of `scripts.ts` as a history of the present version, each
 * command through the real decider. What is there stays as it is: a history is never written again.
 */
const scripts: Record<string, Script> = {
  'call-server': callServerCall,
  'host-actions': hostActions,
  losses,
};

/** @throws Error where a command is refused or changes nothing: the script is wrong. */
function played(script: Script): CallEvent[] {
  const events: CallEvent[] = [];
  let state = initialState;
  let now = timeOfCallId(script.callId);
  for (const [index, [afterMs, asked]] of script.steps.entries()) {
    now += afterMs;
    const id = uuid(0x100 + index);
    const about = { id, correlationId: id, callId: script.callId, receivedTime: timeOfMs(now - 1) };
    const command: Command = { ...asked, ...about };
    const decision = decide(state, command, now);
    const bodies = decision.kind === 'accepted' ? decision.events : [];
    if (bodies.length === 0) throw new Error(`step ${index}, ${command.type}: ${JSON.stringify(decision)}`);
    for (const event of toEvents(command, bodies, { seq: state.view?.seq ?? 0, now, codeVersion })) {
      events.push(event);
      state = evolve(state, event);
    }
  }
  return events;
}

const hashesFile = joinPath(import.meta.dirname, 'hashes.json');
const hashes = JSON.parse(readFileSync(hashesFile, 'utf8')) as Record<string, string>;
const fileOf = (name: string) => joinPath(import.meta.dirname, `${name}.ndjson`);

/** `losses-0.2.0`, and where that is taken, `losses-0.2.0-2`. */
function freeName(what: string): string {
  const name = `${what}-${codeVersion}`;
  for (let n = 1; ; n++) {
    const numbered = n === 1 ? name : `${name}-${n}`;
    if (!(numbered in hashes) && !existsSync(fileOf(numbered))) return numbered;
  }
}

const asked = process.argv.slice(2);
const strange = asked.filter((what) => !Object.hasOwn(scripts, what));
if (asked.length === 0 || strange.length > 0) {
  console.error(`Name scripts to record: ${Object.keys(scripts).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const what of asked) {
    const name = freeName(what);
    const { bytes, manifest } = writeCallFile(played(scripts[what]!), [], { codeVersion, compressed: false });
    writeFileSync(fileOf(name), bytes, { flag: 'wx' });
    hashes[name] = manifest.stateHash;
    writeFileSync(hashesFile, `${JSON.stringify(hashes, undefined, 2)}\n`);
    console.log(`${name}: ${manifest.facts} events, ${bytes.length} bytes, ${manifest.stateHash}`);
  }
}
