import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nginxPath } from '@ringback/runtime/native-parts';
import { freePort } from './nats-server.ts';
import { waitFor } from './wait-for.ts';

const shipped = fileURLToPath(new URL('../../deploy/nginx', import.meta.url));

/** Why there can be no nginx here; undefined where there can. */
export function whyNoNginx(): string | undefined {
  return nginxPath() === undefined ? 'nginx is not installed: apt-get install nginx' : undefined;
}

export interface NginxOptions {
  /** Ports of the gateways, on loopback. */
  readonly gateways: readonly number[];
  /** PEM files: the shipped server blocks for TLS, in the place of the one without. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** nginx with the configuration that is shipped, on a port and in a folder of its own. */
export class Nginx {
  readonly url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #end: () => void;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#child = child;
    this.#end = () => {
      // Its master ends its workers; killed with SIGKILL it would leave them.
      child.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    };
    process.once('exit', this.#end);
  }

  /** @throws Error where it does not come up, with its own words. */
  static async start(options: NginxOptions): Promise<Nginx> {
    const binary = nginxPath();
    if (binary === undefined) throw new Error(whyNoNginx());
    const folder = mkdtempSync(join(tmpdir(), 'ringback-nginx-'));
    // Started by root it works as somebody else.
    chmodSync(folder, 0o755);
    const port = await freePort();
    const conf = join(folder, 'nginx.conf');
    writeFileSync(conf, await configuration(folder, port, options));
    const args = ['-p', folder, '-e', 'stderr', '-c', conf];
    const tested = spawnSync(binary, [...args, '-t'], { encoding: 'utf8' });
    if (tested.status !== 0) throw new Error(`nginx -t: ${tested.stderr}`);
    const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr?.on('data', (text) => (said = `${said}${String(text)}`.slice(-4_000)));
    const nginx = new Nginx(
      `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
      folder,
      child,
    );
    await waitFor(() => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
      return canConnect(port);
    }, 'nginx to listen');
    return nginx;
  }

  async stop(): Promise<void> {
    process.off('exit', this.#end);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The shipped files with this run's ports and folders in them, and nothing else changed. */
async function configuration(folder: string, port: number, { gateways, tls }: NginxOptions): Promise<string> {
  const locations = join(shipped, 'ringback-locations.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join('\n');
  const servers = gateways.map((gateway) => `server 127.0.0.1:${gateway} max_fails=0;\n`).join('');
  let text = readFileSync(join(shipped, 'nginx.conf'), 'utf8');
  text = changed(text, /^pid .*$/m, `pid ${join(folder, 'nginx.pid')};\ndaemon off;`);
  text = changed(text, /^error_log .*$/m, 'error_log stderr;');
  text = changed(text, /^ *access_log .*$/m, `access_log off;\n${temporary}`);
  text = changed(text, /(?:^ *server 127\.0\.0\.1:\d+ max_fails=0;\n)+/m, servers);
  if (tls === undefined) {
    text = changed(text, /listen 80 default_server/, `listen 127.0.0.1:${port}`);
    return changed(text, /include ringback-locations\.conf/, `include ${locations}`);
  }
  let secure = readFileSync(join(shipped, 'ringback-tls.conf'), 'utf8');
  secure = changed(secure, /listen 80 default_server/, `listen 127.0.0.1:${await freePort()}`);
  secure = changed(secure, /listen 443 (.*) default_server/, `listen 127.0.0.1:${port} $1`);
  secure = changed(secure, /ssl_certificate .*;/, `ssl_certificate ${tls.certificate};`);
  secure = changed(secure, /ssl_certificate_key .*;/, `ssl_certificate_key ${tls.key};`);
  secure = changed(secure, /include ringback-locations\.conf/, `include ${locations}`);
  return changed(text, /^ {4}server \{\n[^}]*\}\n/m, secure);
}

/** @throws Error where there is nothing to change: the shipped files say it otherwise by now. */
function changed(text: string, what: RegExp, to: string): string {
  if (!what.test(text)) throw new Error(`no ${String(what)} in the shipped configuration`);
  return text.replace(what, to);
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
