import { answersStun, type Clock } from '@ringback/runtime';
import type { Readiness } from '@ringback/schemas';
import { limits } from './limits.ts';

export interface ReadinessPorts {
  readonly natsConnected: () => boolean;
  /** Per partition: was its owner heard lately? */
  readonly owned: () => readonly boolean[];
  readonly webReady: () => boolean;
  readonly turn: TurnProbe | undefined;
}

/** Whether coturn on this machine answers: one question at a time, whose answer serves everybody for a while. */
export class TurnProbe {
  readonly port: number;
  readonly #clock: Clock;
  readonly #ask: typeof answersStun;
  #answer: Promise<boolean> | undefined;
  #askedAt = -Infinity;

  constructor(port: number, clock: Clock, ask: typeof answersStun = answersStun) {
    this.port = port;
    this.#clock = clock;
    this.#ask = ask;
  }

  answers(): Promise<boolean> {
    const now = this.#clock.monotonic();
    if (this.#answer === undefined || now - this.#askedAt >= limits.stunFreshMs) {
      this.#askedAt = now;
      this.#answer = this.#ask('127.0.0.1', this.port, limits.stunMs);
    }
    return this.#answer;
  }
}

/** The state of each part, and of the whole: ready when every part that calls need is. */
export async function readReadiness(ports: ReadinessPorts): Promise<Readiness> {
  const turn = await turnPart(ports.turn);
  const connected = ports.natsConnected();
  const parts: Readiness['parts'] = {
    log: {
      ready: connected,
      required: true,
      detail: connected ? 'connected to nats-server' : 'no connection to nats-server',
    },
    calls: callsPart(ports.owned()),
    web: {
      ready: ports.webReady(),
      required: false,
      detail: ports.webReady() ? 'built' : 'not built: run npm run setup',
    },
    turn,
  };
  return { ready: Object.values(parts).every((part) => part.ready || !part.required), parts };
}

function callsPart(owned: readonly boolean[]): Readiness['parts'][string] {
  const missing = owned.flatMap((is, partition) => (is ? [] : [partition]));
  const detail =
    missing.length === 0
      ? `all ${owned.length} partitions have an owner`
      : `no owner for partitions ${missing.join(', ')}`;
  return { ready: missing.length === 0, required: true, detail };
}

async function turnPart(turn: TurnProbe | undefined): Promise<Readiness['parts'][string]> {
  if (turn === undefined) {
    const detail = 'coturn is not installed: people behind strict firewalls can not connect';
    return { ready: false, required: false, detail };
  }
  const ready = await turn.answers();
  const detail = `coturn ${ready ? 'answers' : 'does not answer'} on port ${turn.port}`;
  return { ready, required: false, detail };
}
