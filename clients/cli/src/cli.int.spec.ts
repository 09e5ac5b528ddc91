import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallSummary, CallView } from '@ringback/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningPlatform } from '../../../tests/support/running-platform.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { get, joinAs, post, WsClient } from '../../../tests/support/ws-client.ts';

/** Every command as people type it, against a platform as people start it. */
describe('ringback', () => {
  let platform: RunningPlatform;
  let token: string;
  let callId: string;
  let host: WsClient;

  beforeAll(async () => {
    platform = await RunningPlatform.start({ RINGBACK_CALLS_WORKERS: '2' });
    ({ token } = await post<{ token: string }>(`${platform.url}/v1/guests`, { displayName: 'Host' }));
    host = await WsClient.open(platform.url, token);
    callId = await makeCall('Weekly planning');
    await host.ask({ type: 'call.lock', callId, data: {} });
    const late = await post<{ token: string }>(`${platform.url}/v1/guests`, { displayName: 'Late' });
    const guest = await WsClient.open(platform.url, late.token);
    await guest.ask(joinAs(callId, randomUUID(), 'Late'));
    guest.close();
    // As long as the platform may take to start.
  }, 120_000);
  afterAll(async () => {
    host?.close();
    await platform?.stop();
  });

  async function makeCall(name: string): Promise<string> {
    const made = await post<{ callId: string }>(`${platform.url}/v1/calls`, { name }, token);
    await host.ask(joinAs(made.callId, randomUUID(), 'Host'));
    return made.callId;
  }

  const state = (id: string) =>
    get<{ callId: string; seq: number; stateHash: string; state: CallView }>(
      `${platform.url}/v1/calls/${id}`,
      token,
    );

  it('calls: lists what is open', async () => {
    // Views are there some seconds after the rest, and then a moment behind.
    const call = await waitFor(async () => {
      const { code, stdout } = await platform.ringback('calls', '--json');
      const calls = code === 0 ? (JSON.parse(stdout) as CallSummary[]) : [];
      return calls.find(({ seq }) => seq === 3);
    }, 'the list of calls');
    expect(call).toMatchObject({ callId, name: 'Weekly planning', people: ['Host'], status: 'open' });
    expect((await platform.ringback('calls')).stdout).toContain('open, 1 in it');
  });

  it('views: says how far they are, and makes one anew', async () => {
    expect((await platform.ringback('views')).stdout).toMatch(/^calls@1\.1 .* live$/m);
    const rebuilt = await platform.ringback('views', 'rebuild', 'calls', '--json');
    expect({ code: rebuilt.code, ...JSON.parse(rebuilt.stdout) }).toEqual({
      code: 0,
      view: 'calls@1.2',
      same: true,
    });
    expect((await platform.ringback('views')).stdout).toMatch(/^calls@1\.2 .* live$/m);
    const { code, stderr } = await platform.ringback('views', 'rebuild', 'nothing', '--json');
    expect({ code, ...JSON.parse(stderr) }).toMatchObject({ code: 1, error: { code: 'not_found' } });
  });

  it('parked: lists none where all is well, and says what it can not do', async () => {
    expect(await platform.ringback('parked', 'list', '--json')).toMatchObject({ code: 0, stdout: '[]\n' });
    const { code, stderr } = await platform.ringback('parked', 'retry', 'calls', callId, '--json');
    expect({ code, ...JSON.parse(stderr) }).toMatchObject({ code: 1, error: { code: 'not_found' } });
    expect((await platform.ringback('parked', 'drop', 'calls')).code).toBe(2);
  });

  it('timeline: facts in order, refusals between them', async () => {
    const { code, stdout } = await platform.ringback('timeline', callId);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ 1 {2}Host .* made the call "Weekly planning"/);
    expect(stdout).toMatch(/ 3 {2}Host .* locked the call/);
    // Gateways write telemetry in batches.
    await waitFor(
      async () => /✗ .*\(call_locked\)/.test((await platform.ringback('timeline', callId)).stdout),
      'the refusal in the timeline',
    );
  });

  it('timeline --at: the state with the hash that the API gives', async () => {
    const now = await state(callId);
    const { code, stdout } = await platform.ringback('timeline', callId, '--at', String(now.seq), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(now);
  });

  it('timeline --follow: goes on until the call ends', async () => {
    const other = await makeCall('Short');
    const following = platform.ringback('timeline', other, '--follow');
    await host.ask({ type: 'call.lock', callId: other, data: {} });
    await host.ask({ type: 'call.unlock', callId: other, data: {} });
    await host.ask({ type: 'call.end', callId: other, data: {} });
    const { code, stdout } = await following;
    expect(code).toBe(0);
    const sequences = stdout.split('\n').map((line) => /^\S+\s+(\d+)/.exec(line)?.[1]);
    expect(sequences.filter(Boolean)).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('export and replay: the same state, anywhere', async () => {
    const exported = await platform.ringback('export', callId, '--json');
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    const { file, manifest } = JSON.parse(exported.stdout);
    const { stateHash, seq } = await state(callId);
    expect(manifest).toMatchObject({ callId, facts: seq, telemetry: 1, stateHash });
    expect((await platform.ringback('replay', file)).code).toBe(0);
    const { facts } = JSON.parse((await platform.ringback('replay', file, '--json')).stdout);
    expect(facts).toBe(seq);
  });

  it('export -o: plain text by name', async () => {
    expect((await platform.ringback('export', callId, '-o', 'call.ndjson')).code).toBe(0);
    const lines = (await readFile(join(platform.home, 'call.ndjson'), 'utf8')).trimEnd().split('\n');
    const kinds = lines.map((line) => JSON.parse(line)).map(({ kind, type }) => kind ?? type);
    expect(kinds.slice(0, 2)).toEqual(['ringback-export', 'call.created']);
    expect(kinds.at(-1)).toBe('call.command.rejected');
  });

  it.each([['timeline'], ['export']])('%s: says that there is no such call', async (command) => {
    const nowhere = callId.replace(/.{12}$/, '000000000000');
    for (const id of [nowhere, `99${nowhere.slice(2)}`]) {
      const { code, stderr } = await platform.ringback(command, id, '--json');
      expect(code).toBe(1);
      expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'call_unknown' } });
    }
  });

  it('doctor: all that a call needs is there', async () => {
    const { code, stdout } = await platform.ringback('doctor', '--json');
    for (const part of ['platform', 'log'])
      expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ part, state: 'ok' }));
    expect(code).toBe(0);
  });

  it('doctor: says which calls worker owns which partition', async () => {
    const owned = await waitFor(async () => {
      const { stdout } = await platform.ringback('doctor', '--json');
      const rows = JSON.parse(stdout) as { part: string; detail: string }[];
      const { detail = '' } = rows.find(({ part }) => part === 'calls workers') ?? {};
      // The second gets its share some seconds after it came.
      return detail.includes('calls-1') && detail.includes('calls-2') && detail;
    }, 'both calls workers to own something');
    expect(owned.match(/\b\d\d\b/g)?.toSorted()).toEqual(['00', '01', '02', '03']);
  });

  it('ends in order where its reader has seen enough', () => {
    const command = `"${process.execPath}" "${join(import.meta.dirname, '../bin/ringback.mjs')}" timeline ${callId} | head -1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command], {
      env: { ...process.env, RINGBACK_HOME: platform.home },
      encoding: 'utf8',
    });
    expect({ lines: stdout.trimEnd().split('\n').length, stderr }).toEqual({ lines: 1, stderr: '' });
  });
});
