import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as sources from '@ringback/sdk';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { asModule, typeScriptBlocks } from '../support/typescript-blocks.ts';

/** The SDK as others get it: packed, unpacked in an empty folder, and used there by nothing but its name. */
const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'ringback-packed-'));
const app = join(folder, 'app');
const installed = join(app, 'node_modules/@ringback/sdk');
const run = (command: string, args: string[], cwd = app) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error ?? ''}\n${stdout}${stderr}`);
  return stdout;
};
const write = (name: string, text: string) => {
  writeFileSync(join(app, name), text);
  return join(app, name);
};

beforeAll(() => {
  const built = join(folder, 'built');
  mkdirSync(installed, { recursive: true });
  run(process.execPath, [join(root, 'clients/sdk/packing/main.ts'), built]);
  run('npm', ['pack', built, '--pack-destination', folder, '--ignore-scripts', '--offline'], folder);
  const [tarball] = globSync('ringback-sdk-*.tgz', { cwd: folder });
  run('tar', ['-xzf', join(folder, tarball!), '--strip-components=1', '-C', installed]);
  // What npm would install beside it; nothing is fetched for a test.
  const { dependencies } = manifest();
  for (const name of Object.keys(dependencies))
    symlinkSync(join(root, 'node_modules', name), join(app, 'node_modules', name));
  write('package.json', '{ "type": "module" }');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  sideEffects: boolean;
  license: string;
}
const manifest = () => JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;

describe('the packed SDK', () => {
  it('depends on what can be had, and brings its license and README', () => {
    expect(manifest()).toMatchObject({ license: 'Apache-2.0', sideEffects: false });
    expect(Object.keys(manifest().dependencies)).toEqual(['mediasoup-client']);
    expect(readFileSync(join(installed, 'LICENSE'), 'utf8')).toBe(
      readFileSync(join(root, 'LICENSE'), 'utf8'),
    );
    expect(existsSync(join(installed, 'README.md'))).toBe(true);
    expect(globSync('**/*', { cwd: installed }).filter((file) => /spec|testing|src\b/.test(file))).toEqual(
      [],
    );
  });

  it('is imported by Node, with everything that the sources have', () => {
    const script = "import * as sdk from '@ringback/sdk'; console.log(JSON.stringify(Object.keys(sdk)));";
    const names = JSON.parse(run(process.execPath, ['--input-type=module', '--eval', script])) as string[];
    expect(names.sort()).toEqual(Object.keys(sources).sort());
  });

  it('has a word on each thing that it shows', () => {
    const silent = globSync('types/**/*.d.ts', { cwd: installed })
      .filter((file) => !file.endsWith('contract.d.ts'))
      .flatMap((file) =>
        undocumented(readFileSync(join(installed, file), 'utf8')).map((line) => `${file}: ${line}`),
      );
    expect(silent).toEqual([]);
  });
});

/** Classes and functions of the index, and the members of such classes, that no comment stands above. */
function undocumented(declarations: string): string[] {
  let inClass = false;
  return declarations.split('\n').filter((line, index, lines) => {
    const [, kind, name = ''] = /^export declare (class|function|const) (\w+)/.exec(line) ?? [];
    const isThing = name in sources;
    if (isThing) inClass = kind === 'class';
    else if (line === '}') inClass = false;
    const isMember =
      inClass && /^ {4}(?!#private|private |constructor\(|\/?\*)\S/.test(line) && !/^ {4}[})\]]/.test(line);
    const above = lines[index - 1] ?? '';
    return (isThing || isMember) && !above.trimEnd().endsWith('*/') && !isOverload(line, above);
  });
}

/** A setter beside its getter needs no word of its own. */
const isOverload = (line: string, above: string) => {
  const name = (text: string) => /^ {4}(?:get|set) (\w+)/.exec(text)?.[1];
  return name(line) !== undefined && name(line) === name(above);
};

const consumer = `
import { RingbackClient, RingbackError, type Call, type CallEvents, type TimelineEntry } from '@ringback/sdk';

const client = new RingbackClient({ url: 'http://localhost', token: async ({ expiring }) => (expiring ? 'b' : 'a') });
const call: Call = client.join('03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10', { displayName: 'Bot' });
call.on('event', (event) => {
  if (event.type !== 'call.participant.joined') return;
  const name: string = event.data.displayName;
  // @ts-expect-error of another event
  const track = event.data.track;
  console.log(name, track);
});
// @ts-expect-error no such event
call.on('nothing', () => {});
// @ts-expect-error a lock takes nothing
await call.command('call.lock', { force: true });
await call.command('call.lower-hand', {});
export const lastOf = async (timeline: AsyncIterable<TimelineEntry>) => {
  for await (const entry of timeline)
    if (entry.kind === 'telemetry' && entry.telemetry.type === 'call.command.rejected')
      return entry.telemetry.data.rejection.code satisfies RingbackError['code'];
  return undefined;
};
export const quality = (q: CallEvents['quality']): number | undefined => q.currentRoundTripTime;
call.leave().catch((error: unknown) => error instanceof RingbackError && error.retryable);
`;

/** As strict as it gets, and with a look into the declarations themselves. */
const strict = {
  ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
  ...{
    target: 'es2024',
    lib: ['es2024', 'dom', 'dom.iterable', 'dom.asynciterable'],
    types: [],
    noEmit: true,
  },
  ...{ module: 'nodenext', verbatimModuleSyntax: true },
};

describe('its declarations and its documents', () => {
  const fromBefore = {
    call: "import('@ringback/sdk').Call",
    client: "import('@ringback/sdk').RingbackClient",
    callId: 'string',
    url: 'string',
    participantId: 'string',
    trackId: 'string',
  };
  const imported = { from: '@ringback/sdk', names: ['RingbackClient', 'RingbackError'] };
  const readme = typeScriptBlocks(join(root, 'clients/sdk/README.md'));
  const docs = globSync('docs/**/*.md', { cwd: root }).flatMap((path) => typeScriptBlocks(join(root, path)));

  it('are what a strict compiler takes, and so is every block of its README', () => {
    expect(readme.length).toBeGreaterThan(5);
    const files = readme.map(({ file, code }) => write(file, asModule(code, fromBefore, imported)));
    files.push(write('consumer.ts', consumer));
    // A step from one version of an event to the next (docs/evolution.md).
    const steps = 'Record<string, ((data: Record<string, unknown>) => Record<string, unknown>)[]>';
    for (const { file, code } of docs)
      files.push(
        write(
          file,
          code.startsWith("'") ? `export const steps: ${steps} = {\n${code}};\n` : `${code}\nexport {};\n`,
        ),
      );
    write('tsconfig.json', JSON.stringify({ compilerOptions: strict, files }));
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', app, '--pretty', 'false']);
  });

  it('run as they stand, where they say so', async () => {
    const platform = await InProcessPlatform.start();
    try {
      const blocks = readme.filter(({ runs }) => runs);
      expect(blocks.length).toBeGreaterThan(0);
      for (const { file, code } of blocks) {
        const path = write(`run-${file}`, code.replaceAll('http://localhost:8080', platform.url));
        const { code: status, output } = await finished(path);
        expect([status, output]).toEqual([0, expect.stringContaining(`Share ${platform.url}/c/`)]);
      }
      const facts = (await platform.events()).map(({ type }) => type);
      expect(facts).toEqual(
        expect.arrayContaining([
          'call.created',
          'call.participant.joined',
          'call.locked',
          'call.participant.left',
        ]),
      );
    } finally {
      await platform.close();
    }
  });
});

/** Not spawnSync: the platform is in this process. */
function finished(script: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [script], { cwd: app, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  return new Promise((done) => child.on('close', (code) => done({ code, output })));
}

describe('in a page', () => {
  interface Chunk {
    fileName: string;
    code?: string;
    isEntry?: boolean;
  }
  const bundled = async (name: string, code: string): Promise<Chunk[]> => {
    const result = await build({
      ...{ configFile: false, root: app, logLevel: 'error' },
      build: { write: false, rolldownOptions: { input: write(name, code) }, modulePreload: false },
    });
    return ([result].flat() as unknown as { output: Chunk[] }[]).flatMap(({ output }) => output);
  };
  const entryOf = (chunks: Chunk[]) => chunks.find(({ isEntry }) => isEntry)?.code ?? '';

  it('the client is small, and what speaks with a Call Server comes when it is needed', async () => {
    const chunks = await bundled(
      'page.js',
      "import { RingbackClient } from '@ringback/sdk'; window.client = RingbackClient;",
    );
    for (const { fileName, code = '' } of chunks)
      console.log(`${fileName}: ${code.length} bytes minified, ${gzipSync(code).length} gzip`);
    expect(chunks.length).toBeGreaterThan(1);
    const entry = entryOf(chunks);
    expect(entry).not.toContain('ZodError');
    expect(chunks.some(({ code = '', isEntry }) => !isEntry && code.includes('createSendTransport'))).toBe(
      true,
    );
  });

  it('only what is used comes along', async () => {
    const all = entryOf(await bundled('all.js', "import * as sdk from '@ringback/sdk'; window.sdk = sdk;"));
    const one = entryOf(
      await bundled('one.js', "import { capabilities } from '@ringback/sdk'; window.can = capabilities();"),
    );
    console.log(`all of it: ${all.length} bytes; capabilities() alone: ${one.length}`);
    expect(one.length).toBeLessThan(all.length / 10);
  });
});
