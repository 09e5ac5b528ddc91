import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onPath } from '@ringback/runtime/native-parts';
import { freePort } from '../../../tests/support/nats-server.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { Server } from '../processes.ts';
import { people, type Contender, type Room, type Shape } from './contender.ts';
import { JanusSocket } from './janus-socket.ts';
import type { Load } from './load.ts';

const homes = new Set<string>();
process.once('exit', () => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

/** Debian's; elsewhere whatever is on PATH. */
export const janusPath = () => onPath('janus');

/** Janus with its video room, as its package configures it but for addresses, logs and what is not used. */
export class Janus implements Contender {
  readonly title = 'Janus';
  readonly #home: string;
  readonly #server: Server;
  readonly #socket: JanusSocket;

  private constructor(home: string, server: Server, socket: JanusSocket) {
    this.#home = home;
    this.#server = server;
    this.#socket = socket;
  }

  /** @throws Error where it does not start. */
  static async start(address: string): Promise<Janus> {
    const home = mkdtempSync(join(tmpdir(), 'ringback-janus-'));
    homes.add(home);
    const port = await freePort();
    writeFileSync(join(home, 'janus.jcfg'), mainConfig(address));
    writeFileSync(
      join(home, 'janus.transport.websockets.jcfg'),
      `general: { json = "compact" ws = true ws_port = ${port} ws_ip = "127.0.0.1" }\n`,
    );
    const args = ['--config', join(home, 'janus.jcfg'), '--configs-folder', home];
    const server = new Server(janusPath()!, args, process.env, join(home, 'janus.log'));
    const socket = await waitFor(() => {
      server.mustRun();
      return JanusSocket.open(`ws://127.0.0.1:${port}`);
    }, 'janus to answer');
    return new Janus(home, server, socket);
  }

  async open(shape: Shape, load: Load): Promise<Room> {
    const janus = this.#socket;
    const handles: number[] = [];
    const attach = async () => {
      const handle = await janus.attach();
      handles.push(handle);
      return handle;
    };
    const creator = await attach();
    const made = await janus.say(creator, {
      request: 'create',
      publishers: shape.senders,
      audiocodec: 'opus',
      videocodec: 'vp8',
      // No limit: our load sends what it was told to.
      bitrate: 0,
    });
    const room = made.data.room as number;
    const feeds = new Map<string, number>();
    for (const { name, sends } of people(shape)) {
      if (!sends) continue;
      const handle = await attach();
      const joined = await janus.say(handle, { request: 'join', ptype: 'publisher', room });
      feeds.set(name, joined.data.id as number);
      const offer = await load.send(`${name}/send`);
      const { sdp } = await janus.say(handle, { request: 'publish' }, { type: 'offer', sdp: offer });
      await load.answered(`${name}/send`, sdp!);
      // Nobody can subscribe to it before that.
      await waitFor(() => janus.isUp(handle), 'a publisher to be up');
    }
    for (const { name } of people(shape)) {
      const streams = [...feeds].filter(([other]) => other !== name).map(([, feed]) => ({ feed }));
      if (streams.length === 0) continue;
      const handle = await attach();
      const { sdp } = await janus.say(handle, { request: 'join', ptype: 'subscriber', room, streams });
      const answer = await load.receive(`${name}/recv`, sdp!);
      await janus.say(handle, { request: 'start' }, { type: 'answer', sdp: answer });
    }
    return {
      pids: { janus: this.#server.pid },
      besides: {},
      close: async () => {
        await janus.say(creator, { request: 'destroy', room });
        for (const handle of handles) await janus.detach(handle);
      },
    };
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await this.#server.stop();
    rmSync(this.#home, { recursive: true, force: true });
    homes.delete(this.#home);
  }
}

function mainConfig(address: string): string {
  const plugins = ['audiobridge', 'duktape', 'echotest', 'lua', 'nosip', 'recordplay', 'sip', 'streaming'];
  const others = [...plugins, 'textroom', 'videocall', 'voicemail'];
  const transports = ['http', 'mqtt', 'nanomsg', 'pfunix', 'rabbitmq'];
  const disabled = (names: readonly string[]) => names.map((name) => `libjanus_${name}.so`).join(',');
  return `
general: { debug_level = 3 session_timeout = 0 }
nat: { ice_enforce_list = "${address}" full_trickle = false }
plugins: { disable = "${disabled(others)}" }
transports: { disable = "${disabled(transports)}" }
`;
}
