import { buildGo, GoProcess } from '../go-process.ts';
import { limits } from './limits.ts';

/** Running sums of bench/load; bytes are RTP payload. */
export interface Counts {
  readonly connected: number;
  readonly failed: number;
  readonly tracks: number;
  readonly flowing: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly keyFrames: number;
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly expectedPackets: number;
  /** Since it was last asked for. */
  readonly lateMsMax: number;
}

interface Answer {
  readonly id: number;
  readonly error?: string;
  readonly sdp?: string;
  readonly fingerprint?: string;
  readonly counts?: Counts;
}

/** See `buildGo`. */
export function buildLoad(root: string): string {
  return buildGo(root, 'load', 'sfu-load');
}

/** One process with everybody's WebRTC clients. A new one for each run: no run bears what another left behind. */
export class Load {
  readonly #process: GoProcess<Answer>;

  constructor(binary: string, address: string) {
    this.#process = new GoProcess(binary, ['--address', address], limits.answerMs);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Of the certificate that all its connections use; sha-256, upper case. */
  async fingerprint(): Promise<string> {
    return (await this.#process.ask({ do: 'fingerprint' })).fingerprint!;
  }

  /** Somebody's sending connection. @returns its offer with all candidates. */
  async send(peer: string): Promise<string> {
    return (await this.#process.ask({ do: 'send', peer, videoBps: limits.videoBps })).sdp!;
  }

  async answered(peer: string, sdp: string): Promise<void> {
    await this.#process.ask({ do: 'answered', peer, sdp });
  }

  /** Somebody's receiving connection, from the server's offer. @returns its answer with all candidates. */
  async receive(peer: string, sdp: string): Promise<string> {
    return (await this.#process.ask({ do: 'receive', peer, sdp })).sdp!;
  }

  /** Everybody who sends begins. */
  async start(): Promise<void> {
    await this.#process.ask({ do: 'start' });
  }

  async counts(): Promise<Counts> {
    return (await this.#process.ask({ do: 'counts' })).counts!;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
