import { randomUUID } from 'node:crypto';
import { OwnerLink } from '@ringback/link';
import { connectNats, makeLogger, NatsBus, systemClock, systemIds } from '@ringback/runtime';
import {
  makeCallId,
  timeOfMs,
  type Command,
  type CommandData,
  type CommandType,
  type RejectionCode,
} from '@ringback/schemas';
import type { LoadOptions, LoadReport, LoadProgress } from './load.ts';

/**
 * Gateways as a process of their own: each with its connection, its signs of life and its calls. In each call somebody
 * acts, waits for the acknowledgement and acts again; what is refused is said again with its id, as clients do.
 */
const { address, partitions, links, callsPerLink } = JSON.parse(process.argv[2]!) as LoadOptions;

/** Between tries of a command that was refused. Milliseconds. */
const retryMs = 100;
/** How often the one who started us hears how far we are. Milliseconds. */
const progressMs = 50;
/** At the end: what is not acknowledged by then never is. Milliseconds. */
const lastTriesMs = 60_000;

const report: LoadReport = { acked: [], sent: [], refused: {}, slowestMs: 0 };
let stopping = false;
let giveUpAt = Infinity;

class Caller {
  readonly #link: OwnerLink;
  readonly #callId: string;
  readonly #participantId = randomUUID();
  readonly #sessionId = randomUUID();
  readonly #userId: string;

  constructor(link: OwnerLink, userId: string, partition: number) {
    this.#link = link;
    this.#userId = userId;
    this.#callId = makeCallId(partition, systemIds.uuidV7(Date.now()));
  }

  async run(): Promise<void> {
    const limits = {
      guestsAllowed: true,
      participantsMax: 8,
      durationMsMax: 3_600_000,
      emptyTimeoutMs: 600_000,
    };
    await this.#untilAcked('call.create', limits);
    this.#link.follow(this.#callId);
    await this.#untilAcked('call.join', this.#join());
    const track = { trackId: 'steady', kind: 'audio', source: 'microphone', muted: false } as const;
    await this.#untilAcked('call.publish', { track });
    for (let i = 0; !stopping; i++)
      await this.#untilAcked(i % 2 === 0 ? 'call.mute' : 'call.unmute', { trackId: 'steady' });
  }

  #join(): CommandData<'call.join'> {
    const participantId = this.#participantId;
    return { participantId, instanceId: participantId, displayName: 'Load', gateway: this.#link.ref };
  }

  async #untilAcked<T extends CommandType>(type: T, data: CommandData<T>): Promise<void> {
    const command = this.#command(type, data);
    const startedAt = performance.now();
    report.sent.push(command.id);
    while (performance.now() < giveUpAt) {
      const outcome = await this.#link.submit(command);
      if (outcome.ok) {
        report.acked.push([this.#callId, command.id, outcome.seq]);
        report.slowestMs = Math.max(report.slowestMs, performance.now() - startedAt);
        return;
      }
      const { code } = outcome.error;
      report.refused[code] = (report.refused[code] ?? 0) + 1;
      if (!passing.has(code)) throw new Error(`${type} was refused: ${code} ${outcome.error.message}`);
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      // Counted out while nobody could hear our signs of life: come back, as a client does.
      if (code === 'not_in_call') await this.#untilAcked('call.join', this.#join());
    }
  }

  #command<T extends CommandType>(type: T, data: CommandData<T>): Command {
    const id = randomUUID();
    const entering = type === 'call.create' || type === 'call.join';
    return {
      ...{ id, type, callId: this.#callId, tenantId: 'default', data },
      actor: { kind: 'user', userId: this.#userId, guest: false, admin: false },
      ...(entering ? {} : { participantId: this.#participantId }),
      ...(type === 'call.create' ? {} : { sessionId: this.#sessionId }),
      receivedTime: timeOfMs(Date.now()),
      correlationId: id,
    } as Command;
  }
}

/** What a client comes back from by itself. */
const passing: ReadonlySet<RejectionCode> = new Set(['unknown_outcome', 'overloaded', 'not_in_call']);

const logger = makeLogger('load', 'silent');
const gateways = await Promise.all(
  Array.from({ length: links }, async (_, n) => {
    const gateway = `edge-${n + 1}`;
    const nc = await connectNats({ ...address, name: gateway });
    const link = new OwnerLink({
      ...{ bus: new NatsBus(nc, () => {}), clock: systemClock, logger },
      ...{ gateway, incarnation: randomUUID(), partitions, random: Math.random },
      onEvents: () => {},
      onHead: () => {},
    });
    return { nc, link };
  }),
);
const callers = gateways.flatMap(({ link }, n) =>
  Array.from({ length: callsPerLink }, (_, i) => new Caller(link, `user-${n}-${i}`, (n + i) % partitions)),
);

const tell = (message: LoadProgress | LoadReport) =>
  new Promise<void>((resolve) => process.send!(message, () => resolve()));
const progress = setInterval(() => void tell({ ackedCount: report.acked.length }), progressMs);
process.on('disconnect', () => process.exit(1));
process.once('message', () => {
  stopping = true;
  giveUpAt = performance.now() + lastTriesMs;
});

await Promise.all(callers.map((caller) => caller.run()));
clearInterval(progress);
for (const { link } of gateways) link.stop();
await Promise.all(gateways.map(({ nc }) => nc.close()));
await tell(report);
process.exit(0);
