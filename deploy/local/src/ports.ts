import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { SetupError, codeOf } from '../bootstrap/remedies.mjs';
import { limits } from './limits.ts';

/** The wanted port or the next free one. */
export async function freePort(wanted: number, host: string, { udp = false } = {}): Promise<number> {
  for (let port = wanted; port < wanted + limits.portsTried; port++) {
    if ((await tcpError(port, host)) === undefined && (!udp || (await udpError(port, host)) === undefined))
      return port;
  }
  throw new SetupError(
    `No free port from ${wanted} to ${wanted + limits.portsTried - 1}.`,
    'Stop what uses them (ss -ltnp shows it), then start again.',
  );
}

/** A port that somebody named has to be that one. `variable` is what they named it with. */
export async function requireFreePort(
  port: number,
  host: string | undefined,
  variable: string,
): Promise<void> {
  const code = codeOf(await tcpError(port, host));
  if (code === undefined) return;
  if (code === 'EADDRINUSE') throw taken(port, variable);
  if (code === 'EACCES') {
    throw new SetupError(
      `Port ${port} is reserved for root.`,
      `Choose one above 1023: ${variable}=8080 npm start, with a reverse proxy in front for port 80 or 443.`,
    );
  }
  throw new SetupError(
    `Port ${port} can not be used (${code}).`,
    `Choose another one: ${variable}=8080 npm start.`,
  );
}

/**
 * Gateways open their port with SO_REUSEPORT, so that several can serve it. The kernel then gives a share of it to any
 * process of the same user that asks likewise: also to those of another platform, started at the same moment or while ours
 * start again. So on Linux the platform holds a name for the port, for as long as it lives: an abstract Unix socket (unix(7)),
 * which is one's alone, is there in the same network namespace as the port, and goes with its process.
 */
export async function holdPort(port: number, variable: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const holder = createServer((socket) => socket.destroy());
  const error = await new Promise<Error | undefined>((resolve) => {
    holder.once('error', resolve);
    holder.listen(`\0ringback-port-${port}`, () => resolve(undefined));
  });
  if (codeOf(error) === 'EADDRINUSE') throw taken(port, variable);
  if (error !== undefined) throw error;
  holder.unref();
}

function taken(port: number, variable: string): SetupError {
  return new SetupError(
    `Port ${port} is taken by another program.`,
    `Choose another one: ${variable}=${port + 1} npm start. Who has it: ss -ltnp 'sport = :${port}' (Linux), lsof -iTCP:${port} -sTCP:LISTEN (macOS).`,
  );
}

/** A whole number from 1 to `max` from the environment. */
export function countFromEnv(variable: string, usual: number, max: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return usual;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw new SetupError(
    `${variable} is "${text}".`,
    `Set it to a number from 1 to ${max}, for example ${variable}=${usual}.`,
  );
}

export function portFromEnv(variable: string, usual: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return usual;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new SetupError(
    `${variable} is "${text}".`,
    `Set it to a port number, for example ${variable}=${usual}.`,
  );
}

function tcpError(port: number, host: string | undefined): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function udpError(port: number, host: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', (error) => {
      socket.close();
      resolve(error);
    });
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
}
