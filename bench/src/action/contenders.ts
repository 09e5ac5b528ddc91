import { BenchLog, BenchPlatform, partitions } from '../platform.ts';
import { Helper } from '../processes.ts';
import type { WindowRequest, WindowResult } from './crowd.ts';
import type { CrowdAsks } from './crowd-process.ts';
import type { EchoAsks } from './echo-process.ts';
import type { PublishAsks } from './publish-process.ts';

/** How long and how fast one measurement is. */
export type Pace = Pick<WindowRequest, 'perSecond' | 'leadMs' | 'ms'>;

const file = (name: string) => new URL(name, import.meta.url);

/** The platform with a crowd in its calls. */
export class Ours {
  readonly #platform: BenchPlatform;
  readonly #crowd: Helper<CrowdAsks>;

  private constructor(platform: BenchPlatform, crowd: Helper<CrowdAsks>) {
    this.#platform = platform;
    this.#crowd = crowd;
  }

  static async start(root: string, { tap, calls }: { tap: boolean; calls: number }): Promise<Ours> {
    const platform = await BenchPlatform.start(root, { tap });
    const crowd = new Helper<CrowdAsks>(file('crowd-process.ts'));
    const [tenant] = platform.log.secrets.tenants;
    await crowd.ask('joinCalls', { url: platform.url, calls, tenant: tenant! });
    return new Ours(platform, crowd);
  }

  /** `actionsPerCommit` and `bytesPerCommit` over all of the window, its lead included. */
  async window(pace: Pace): Promise<WindowResult & { actionsPerCommit: number; bytesPerCommit: number }> {
    const before = await this.#platform.log.stored();
    const result = await this.#crowd.ask('window', { ...pace, pids: this.#platform.pids });
    const after = await this.#platform.log.stored();
    this.#platform.mustRun();
    const { not_in_call: out = 0, call_ended: over = 0 } = result.refusals;
    if (out + over > 0)
      throw new Error(
        'people lost their calls: the gateway was not heard for 5 s. The machine is too busy to measure anything.',
      );
    const commits = after.commits - before.commits;
    const actions = (pace.perSecond * (pace.leadMs + pace.ms)) / 1_000;
    return {
      ...result,
      actionsPerCommit: actions / commits,
      bytesPerCommit: (after.bytes - before.bytes) / commits,
    };
  }

  /** A frame as a listener gets it. */
  sample(): Promise<string> {
    return this.#crowd.ask('sample', undefined);
  }

  async stop(): Promise<void> {
    await this.#crowd.stop();
    await this.#platform.stop();
  }
}

/** uWebSockets.js alone, with a crowd as large. */
export class Echo {
  readonly #server: Helper<EchoAsks>;
  readonly #crowd: Helper<CrowdAsks>;

  private constructor(server: Helper<EchoAsks>, crowd: Helper<CrowdAsks>) {
    this.#server = server;
    this.#crowd = crowd;
  }

  /** @param frame what every listener gets; see `Ours.sample`. */
  static async start(frame: string, calls: number): Promise<Echo> {
    const server = new Helper<EchoAsks>(file('echo-process.ts'));
    const port = await server.ask('listen', frame);
    const crowd = new Helper<CrowdAsks>(file('crowd-process.ts'));
    await crowd.ask('joinRooms', { url: `http://127.0.0.1:${port}`, calls });
    return new Echo(server, crowd);
  }

  window(pace: Pace): Promise<WindowResult> {
    return this.#crowd.ask('window', { ...pace, pids: { echo: this.#server.pid } });
  }

  async stop(): Promise<void> {
    await this.#crowd.stop();
    await this.#server.stop();
  }
}

/** JetStream alone, on a nats-server like the platform's. */
export class Publishing {
  readonly #log: BenchLog;
  readonly #publisher: Helper<PublishAsks>;

  private constructor(log: BenchLog, publisher: Helper<PublishAsks>) {
    this.#log = log;
    this.#publisher = publisher;
  }

  static async start(): Promise<Publishing> {
    const log = await BenchLog.start();
    const publisher = new Helper<PublishAsks>(file('publish-process.ts'));
    const password = log.secrets.nats.admin;
    await publisher.ask('connect', { url: log.url, user: 'admin', password, partitions });
    return new Publishing(log, publisher);
  }

  window(pace: Pace & { bytes: number }) {
    return this.#publisher.ask('window', { ...pace, pid: this.#log.servers[0]!.pid });
  }

  oneByOne(request: { bytes: number; ms: number }) {
    return this.#publisher.ask('oneByOne', request);
  }

  async stop(): Promise<void> {
    await this.#publisher.stop();
    await this.#log.stop();
  }
}
