import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCallFile } from './call-file/call-file.ts';
import { commands, runCli } from './cli.ts';
import { recordingTerminal, refusal, sampleFacts } from './testing/sample-call.ts';

async function run(...words: string[]) {
  const terminal = recordingTerminal();
  const code = await runCli(words, terminal, new AbortController().signal);
  return { code, out: terminal.out, err: terminal.err };
}

let folder: string;
let exported: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringback-cli-'));
  exported = join(folder, 'call.ndjson.zst');
  await writeFile(
    exported,
    writeCallFile(sampleFacts, [refusal], { codeVersion: '0.1.0', compressed: true }).bytes,
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe('words', () => {
  it('none at all: the help, as a mistake', async () => {
    const { code, out } = await run();
    expect(code).toBe(2);
    for (const { name, summary } of commands) expect(out).toContain(`${name.padEnd(8)}  ${summary}`);
  });

  it.each(commands.map(({ name }) => [name]))('%s --help says what it takes', async (name) => {
    const { code, out } = await run(name, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`Usage: ringback ${name}`);
    expect(out).toContain('--json');
    expect(out).toContain('--home DIR');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it.each([
    [['timelnie'], 'Did you mean ringback timeline?'],
    [['exprot', 'x'], 'Did you mean ringback export?'],
    [['frobnicate'], 'There is no command "frobnicate".\n'],
    [['calls', '--jsn'], 'Did you mean --json?'],
    [['calls', '--lim', '3'], 'Did you mean --limit?'],
    [['calls', '-x'], 'has no option -x'],
    [['calls', '--limit'], '--limit needs a value: --limit N'],
    [['calls', '--limit', 'many'], 'is not a whole number'],
    [['calls', '--limit', '0'], 'at least 1'],
    [['calls', '--all=yes'], '--all takes no value'],
    [['calls', 'today'], 'does not take "today"'],
    [['timeline'], 'needs a CALL'],
    [['timeline', 'my-call'], "is not a call's id"],
    [['timeline', '03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10', '--at', '3', '--follow'], 'exclude each other'],
    [['replay'], 'needs a FILE'],
  ])('%j is refused with exit code 2', async (words, sentence) => {
    const { code, out, err } = await run(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
  });
});

describe('without a platform', () => {
  const call = '03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';

  it.each([[['calls']], [['timeline', call]], [['export', call]]])(
    '%j says how to start one',
    async (words) => {
      const { code, err } = await run(...words, '--home', folder);
      expect(code).toBe(1);
      expect(err).toContain('npm start');
    },
  );

  it('says it in JSON where JSON was asked for', async () => {
    const { err } = await run('calls', '--json', '--home', folder);
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'not_running', remedy: expect.stringContaining('npm start') },
    });
  });

  it('says that nothing answers where one ran', async () => {
    const home = join(folder, 'stale');
    await mkdir(home);
    // Port 9 (discard): nobody listens there.
    await writeFile(join(home, 'run.json'), JSON.stringify({ natsUrl: 'nats://127.0.0.1:9' }));
    await writeFile(join(home, 'secrets.json'), JSON.stringify({ nats: { viewer: 'x', admin: 'x' } }));
    const { code, err } = await run('calls', '--json', '--home', home);
    expect(code).toBe(1);
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'not_reachable' } });
  });
});

describe('replay', () => {
  it('says what is in a file, and that it holds', async () => {
    const { code, out, err } = await run('replay', exported);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatchInlineSnapshot(`
      "  Call        03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10
        Name        Weekly planning
        Events      10, in sequence without gaps, bytes as written
        Telemetry   1 refusal, 0 measurements
        State       ended (host) after 4 s
        People      Host, Guest
        Hash        d56baf67bd8e533f36aae00779b0b2a6d5c05618cf3e21e1b057e6efce19eb0a
                    as the manifest says
        Written by  version 0.1.0
      "
    `);
  });

  it('in JSON', async () => {
    const { code, out } = await run('replay', exported, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, verdict: 'same', facts: 10, telemetry: 1, unknown: 0 });
  });

  it('--at shows the call at an instant', async () => {
    const { code, out } = await run('replay', exported, '--at', '7');
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "Weekly planning  03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10
      After event 7, +0:03.000: open, locked, 2 of at most 8 in it
      Media: peer to peer

      People
        Host   3fa4…  host         guest  connected  microphone (muted)
        Guest  b81d…  participant  guest  connected

      Connections
        Guest → Host  connected by host/srflx udp
      "
    `);
  });

  it('--at refuses what is not there', async () => {
    const { code, err } = await run('replay', exported, '--at', '11');
    expect(code).toBe(1);
    expect(err).toContain('The call has 10 events');
  });

  it('fails where the state is another', async () => {
    const file = join(folder, 'other-state.ndjson');
    const { bytes, manifest } = writeCallFile(sampleFacts, [], { codeVersion: '0.0.9', compressed: false });
    await writeFile(file, bytes.toString().replace(manifest.stateHash, '0'.repeat(64)));
    const { code, err, out } = await run('replay', file, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, verdict: 'differs' });
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'other_state' } });
  });

  it('does not hold unknown events against a file', async () => {
    const file = join(folder, 'newer.ndjson');
    const later = { ...sampleFacts[4]!, type: 'call.star.risen' } as never;
    const { bytes, manifest } = writeCallFile(sampleFacts.with(4, later), [], {
      codeVersion: '9.0.0',
      compressed: false,
    });
    await writeFile(file, bytes.toString().replace(manifest.stateHash, '0'.repeat(64)));
    const { code, out } = await run('replay', file);
    expect(code).toBe(0);
    expect(out).toContain('1 event of kinds that this version does not know');
  });

  it.each([
    ['cut.ndjson', (text: string) => text.slice(0, -1), 'damaged_truncated'],
    ['changed.ndjson', (text: string) => text.replace('Host', 'Hast'), 'damaged_hash'],
    ['other.ndjson', () => 'hello\n', 'damaged_no-manifest'],
  ])('fails for %s', async (name, change, error) => {
    const { bytes } = writeCallFile(sampleFacts, [], { codeVersion: '0.1.0', compressed: false });
    await writeFile(join(folder, name), change(bytes.toString()));
    const { code, err } = await run('replay', join(folder, name), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(err).error.code).toBe(error);
  });

  it('fails for a file that is not there', async () => {
    const { code, err } = await run('replay', join(folder, 'nowhere'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(err).error.code).toBe('not_read');
  });
});
