import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { k6Path } from '@ringback/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningPlatform } from '../support/running-platform.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { post } from '../support/ws-client.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Printed {
  held: boolean;
  thresholds: { metric: string; rule: string; held: boolean }[];
  checks: { name: string; passed: number; failed: number }[];
  metrics: Record<string, Record<string, number>>;
  files: { report: string; summary: string };
}

if (k6Path() === undefined)
  console.warn('The load tests are skipped: there is no k6. Install Go or k6, then run npm test again.');

describe.skipIf(k6Path() === undefined)('npm run load -- smoke', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await RunningPlatform.start();
    const { token } = await post<{ token: string }>(`${platform.url}/v1/guests`, { displayName: 'A' });
    const headers = { authorization: `Bearer ${token}` };
    await waitFor(async () => (await fetch(`${platform.url}/v1/calls`, { headers })).ok, 'lists', 60_000);
  });
  afterAll(() => platform?.stop());

  async function smoke(url: string, secret: string) {
    const { apiKey } = tenant();
    const args = ['deploy/local/run.mjs', 'load', 'smoke', '--json', '--users', '4', '--url', url];
    const env = { ...process.env, RINGBACK_API_KEY: apiKey, RINGBACK_API_SECRET: secret };
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    const line = output.split('\n').findLast((text) => text.startsWith('{'));
    return { code, output, printed: line === undefined ? undefined : (JSON.parse(line) as Printed) };
  }

  function tenant(): { apiKey: string; apiSecret: string } {
    return platform.secret(
      (secrets) => (secrets as unknown as { tenants: [ReturnType<typeof tenant>] }).tenants[0],
    );
  }

  it('does all of it against a platform that runs, and leaves a page and a summary without the secret', async () => {
    const { apiSecret } = tenant();
    const { code, output, printed } = await smoke(platform.url, apiSecret);
    expect(code, output).toBe(0);
    expect(printed!.thresholds.filter(({ held }) => !held)).toEqual([]);
    const done = printed!.checks.filter(({ passed }) => passed > 0).map(({ name }) => name);
    expect(done.toSorted()).toEqual([
      'a call is made',
      'a guest gets a token',
      'acted',
      'came back',
      'everybody got everything',
      'joined',
      'left',
      'published',
      'the list has the call',
      'the timeline is whole',
    ]);
    expect(printed!.metrics['ringback_return_ms']!['max']).toBeGreaterThan(0);
    const { report, summary } = printed!.files;
    for (const file of [report, summary]) {
      expect(existsSync(file)).toBe(true);
      expect(readFileSync(file, 'utf8')).not.toContain(apiSecret);
    }
    expect(output).not.toContain(apiSecret);
  });

  it('fails, and says by which rule, where a gateway leaves out an event', async () => {
    const proxy = await TcpProxy.to(Number(new URL(platform.url).port));
    let left = 1;
    proxy.onData = (from, data) => {
      const at = from === 'server' && left > 0 ? data.indexOf('"call.track.muted"') : -1;
      // Of the same length, so that the frame stays whole: what was an event is a message that nobody knows.
      const message = at < 0 ? -1 : data.lastIndexOf('"type":"event"', at);
      if (message < 0) return;
      data.write('"type":"extra"', message);
      left -= 1;
    };
    try {
      const { code, output, printed } = await smoke(`http://127.0.0.1:${proxy.port}`, tenant().apiSecret);
      expect(left).toBe(0);
      expect(code, output).toBe(1);
      expect(printed!.thresholds.filter(({ held }) => !held)).toContainEqual({
        metric: 'ringback_gaps',
        rule: 'count==0',
        held: false,
      });
    } finally {
      proxy.close();
    }
  });

  it('fails, and says why, where the tokens are not the tenant’s', async () => {
    const { code, output } = await smoke(platform.url, 'x'.repeat(43));
    expect(code).toBe(1);
    expect(output).toContain('token_invalid');
  });
});
