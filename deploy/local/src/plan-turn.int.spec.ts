import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onPath, turnserverPath } from '@ringback/runtime/native-parts';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { SetupError } from '../bootstrap/remedies.mjs';
import { loadOrMakeSecrets, makeHome } from './home.ts';
import { limits } from './limits.ts';
import { planTurn } from './plan-turn.ts';

const home = mkdtempSync(join(tmpdir(), 'ringback-turn-'));
afterAll(() => rmSync(home, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

function plan(env: Record<string, string>) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  makeHome(home);
  return planTurn(home, loadOrMakeSecrets(home));
}

function makeCertificate(name: string): { cert: string; key: string } {
  const [cert, key] = [join(home, `${name}.crt`), join(home, `${name}.key`)];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const args = ['req', '-x509', ...curve, '-nodes', '-subj', `/CN=${name}`, '-keyout', key, '-out', cert];
  execFileSync('openssl', args, { stdio: 'pipe' });
  return { cert, key };
}

describe('the plan for STUN and TURN', () => {
  it.each([
    [{ RINGBACK_TURN_INSTANCES: '0' }],
    [{ RINGBACK_TURN_INSTANCES: 'two' }],
    [{ RINGBACK_TURN_INSTANCES: String(limits.turnInstancesMax + 1) }],
    [{ RINGBACK_TURN_CERT: '/nowhere/cert.pem' }],
    [{ RINGBACK_TURN_KEY: '/nowhere/key.pem' }],
    [{ RINGBACK_TURN_CERT: '/nowhere/cert.pem', RINGBACK_TURN_KEY: '/nowhere/key.pem' }],
    [{ RINGBACK_TURN_SERVERS: '[{"host":"turn.example","port":3478}]', RINGBACK_TURN_SECRET: '' }],
  ])('refuses %j in words', async (env) => {
    const error = await plan(env).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(SetupError);
    expect((error as SetupError).message).toContain(Object.keys(env)[0]);
  });

  it('runs none of its own beside an outside fleet', async () => {
    const servers = '[{"host":"turn.example","port":3478}]';
    expect(await plan({ RINGBACK_TURN_SERVERS: servers, RINGBACK_TURN_SECRET: 'shared' })).toEqual({
      ports: undefined,
      specs: [],
      edgeEnv: {},
    });
  });

  it.skipIf(turnserverPath() === undefined || onPath('openssl') === undefined)(
    'gives each instance ports of its own, and TLS where there is a certificate',
    async () => {
      const { cert, key } = makeCertificate('turn.example');
      const env = { RINGBACK_TURN_INSTANCES: '2', RINGBACK_TURN_CERT: cert, RINGBACK_TURN_KEY: key };
      const { ports, specs, edgeEnv } = await plan(env);
      const servers = JSON.parse(edgeEnv.RINGBACK_TURN_SERVERS!) as { port: number; tlsPort: number }[];
      expect(servers.map(({ port }) => port)).toEqual(ports);
      expect(new Set(servers.flatMap(({ port, tlsPort }) => [port, tlsPort])).size).toBe(4);
      expect(specs.map(({ name }) => name)).toEqual(['coturn', 'coturn 2']);
      for (const [i, { args }] of specs.entries()) {
        const config = readFileSync(args.at(-1)!, 'utf8').split('\n');
        expect(config).toContain(`listening-port=${servers[i]!.port}`);
        expect(config).toContain(`tls-listening-port=${servers[i]!.tlsPort}`);
        expect(config).toContain(`cert=${cert}`);
      }
    },
  );

  it.skipIf(onPath('openssl') === undefined)('notices a key of another certificate, and no PEM', async () => {
    const { cert } = makeCertificate('one');
    const { key } = makeCertificate('two');
    const noPem = join(home, 'no.pem');
    writeFileSync(noPem, 'no PEM');
    await expect(plan({ RINGBACK_TURN_CERT: cert, RINGBACK_TURN_KEY: key })).rejects.toThrow(SetupError);
    await expect(plan({ RINGBACK_TURN_CERT: noPem, RINGBACK_TURN_KEY: key })).rejects.toThrow(SetupError);
  });
});
