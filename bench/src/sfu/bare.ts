import { Helper } from '../processes.ts';
import type { BareAsks } from './bare-process.ts';
import { people, type Contender, type Room, type Shape } from './contender.ts';
import type { Load } from './load.ts';
import { answerTo, offerOf, sentTracks } from './mediasoup-sdp.ts';

/** Bare mediasoup: what our Call Server stands on, doing the same work. */
export class Bare implements Contender {
  readonly title = 'bare mediasoup';
  readonly #helper: Helper<BareAsks>;
  readonly #workerPid: number;

  private constructor(helper: Helper<BareAsks>, workerPid: number) {
    this.#helper = helper;
    this.#workerPid = workerPid;
  }

  static async start(address: string): Promise<Bare> {
    const helper = new Helper<BareAsks>(new URL('./bare-process.ts', import.meta.url));
    return new Bare(helper, await helper.ask('start', { address }));
  }

  async open(shape: Shape, load: Load): Promise<Room> {
    const helper = this.#helper;
    await helper.ask('open', undefined as never);
    const fingerprint = await load.fingerprint();
    const recvs = new Map<string, Awaited<ReturnType<BareAsks['join']>>['recv']>();
    for (const { name, sends } of people(shape)) {
      const { send, recv } = await helper.ask('join', { name, fingerprint });
      recvs.set(name, recv);
      if (!sends) continue;
      const offer = await load.send(`${name}/send`);
      await helper.ask('produce', { name, tracks: sentTracks(offer) });
      await load.answered(`${name}/send`, answerTo(offer, send));
    }
    for (const [name, recv] of recvs) {
      const consumers = await helper.ask('consume', { name });
      if (consumers.length > 0) await load.receive(`${name}/recv`, offerOf(consumers, recv));
    }
    return {
      pids: { worker: this.#workerPid, node: helper.pid },
      besides: {},
      close: () => helper.ask('close', undefined as never),
    };
  }

  stop(): Promise<void> {
    return this.#helper.stop();
  }
}
