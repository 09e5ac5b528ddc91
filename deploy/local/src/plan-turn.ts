// The STUN and TURN servers of one machine: our own coturn where it is installed, or the operator's fleet.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { turnserverPath } from '@ringback/runtime/native-parts';
import { codeOf, SetupError } from '../bootstrap/remedies.mjs';
import { writePrivate, type Secrets } from './home.ts';
import { limits } from './limits.ts';
import { freePort } from './ports.ts';
import type { ChildSpec } from './supervise/child.ts';
import { endLeftOver } from './supervise/left-over.ts';
import { ownAddresses, turnConfig, turnFile } from './turn-config.ts';

export interface TurnPlan {
  /** Of those we run; undefined where we run none. */
  ports: number[] | undefined;
  specs: ChildSpec[];
  /** What the edge has to know. */
  edgeEnv: Record<string, string>;
}

const firstPort = 3478;
const firstTlsPort = 5349;

/** @throws SetupError where what the operator says can not be. */
export async function planTurn(home: string, secrets: Secrets): Promise<TurnPlan> {
  const instances = instancesFromEnv();
  const certificate = certificateFromEnv();
  for (let instance = 0; instance < limits.turnInstancesMax; instance++)
    await endLeftOver(turnFile(home, instance, 'pid'), turnFile(home, instance, 'conf'));
  // The edge has both settings from the environment as they are.
  if (process.env.RINGBACK_TURN_SERVERS) return outsideFleet();
  const command = turnserverPath();
  if (command === undefined) return { ports: undefined, specs: [], edgeEnv: {} };
  const servers: { port: number; tlsPort?: number }[] = [];
  const specs: ChildSpec[] = [];
  for (let instance = 0; instance < instances; instance++) {
    const before = servers.at(-1);
    const port = await freePort((before?.port ?? firstPort - 1) + 1, '0.0.0.0', { udp: true });
    const tlsPort = certificate && (await freePort((before?.tlsPort ?? firstTlsPort - 1) + 1, '0.0.0.0'));
    servers.push({ port, ...(tlsPort === undefined ? {} : { tlsPort }) });
    const tls = certificate && tlsPort !== undefined ? { port: tlsPort, ...certificate } : undefined;
    const configPath = turnFile(home, instance, 'conf');
    writePrivate(
      configPath,
      turnConfig({
        ...{ home, instance, instances, port, tls, secret: secrets.turnSecret },
        allowLoopback: process.env.RINGBACK_TURN_ALLOW_LOOPBACK === '1',
        addresses: ownAddresses(),
      }),
    );
    // A database of users we do not have; an old one from another version would only be in the way.
    rmSync(turnFile(home, instance, 'db'), { force: true });
    const name = instance === 0 ? 'coturn' : `coturn ${instance + 1}`;
    const logPath = join(home, 'logs', `${name.replace(' ', '-')}.log`);
    specs.push({ name, command, args: ['-c', configPath], logPath, env: process.env });
  }
  return {
    ports: servers.map(({ port }) => port),
    specs,
    edgeEnv: {
      RINGBACK_TURN_SERVERS: JSON.stringify(servers),
      RINGBACK_TURN_SECRET: secrets.turnSecret,
    },
  };
}

function outsideFleet(): TurnPlan {
  if (process.env.RINGBACK_TURN_SECRET) return { ports: undefined, specs: [], edgeEnv: {} };
  throw new SetupError(
    'RINGBACK_TURN_SERVERS names STUN and TURN servers, but RINGBACK_TURN_SECRET is not set.',
    'Set it to the static-auth-secret of those servers, which all of them share.',
  );
}

function instancesFromEnv(): number {
  const text = process.env.RINGBACK_TURN_INSTANCES || '1';
  const instances = Number(text);
  if (Number.isInteger(instances) && instances >= 1 && instances <= limits.turnInstancesMax) return instances;
  throw new SetupError(
    `RINGBACK_TURN_INSTANCES is "${text}".`,
    `Set it to a whole number from 1 to ${limits.turnInstancesMax}.`,
  );
}

/** Without one there is no TURN over TLS: browsers refuse a certificate that nobody they trust has signed. */
function certificateFromEnv(): { certPath: string; keyPath: string } | undefined {
  const { RINGBACK_TURN_CERT: cert, RINGBACK_TURN_KEY: key } = process.env;
  if (!cert && !key) return undefined;
  if (!cert || !key) {
    throw new SetupError(
      `${cert ? 'RINGBACK_TURN_CERT' : 'RINGBACK_TURN_KEY'} is set without ${cert ? 'RINGBACK_TURN_KEY' : 'RINGBACK_TURN_CERT'}.`,
      'Set both: PEM files of a certificate with its chain, and of its private key.',
    );
  }
  const [certPath, keyPath] = [resolve(cert), resolve(key)];
  const certificate = pem('RINGBACK_TURN_CERT', certPath, (text) => new X509Certificate(text));
  const privateKey = pem('RINGBACK_TURN_KEY', keyPath, createPrivateKey);
  // coturn would start all the same, and be deaf on its TLS port.
  if (certificate.checkPrivateKey(privateKey)) return { certPath, keyPath };
  throw new SetupError(
    `The key in ${keyPath} is not that of the certificate in ${certPath}.`,
    'Name the private key that the certificate was made for in RINGBACK_TURN_KEY.',
  );
}

function pem<T>(variable: string, path: string, parse: (text: Buffer) => T): T {
  try {
    return parse(readFileSync(path));
  } catch (error) {
    throw new SetupError(
      `${variable} names ${path}, which can not be used (${codeOf(error) ?? String(error)}).`,
      'Name a PEM file without a passphrase that the user who starts Ringback may read.',
      { cause: error },
    );
  }
}
