import {
  commandDefinitions,
  gatewayRef,
  type Command,
  type CommandBatch,
  type CommandType,
  type Rejection,
} from '@ringback/schemas';
import { limits } from './limits.ts';

/** Whom to answer, and by which number. */
export interface Asker {
  readonly gateway: string;
  /** Unique for as long as the gateway lives. */
  readonly ref: number;
  /** `<gateway>/<incarnation>` */
  readonly life: string;
}

/** A command as a gateway sent it, with its number there. */
export interface Asked {
  readonly ref: number;
  readonly command: Command;
  /** Why it can not be decided. It is refused in its turn, like any other: with the commit that shows who owns. */
  readonly wrongForm?: Rejection | undefined;
}

export interface Waiting {
  readonly command: Command;
  readonly wrongForm: Rejection | undefined;
  /** Absent for the owner's own commands. */
  readonly asker: Asker | undefined;
  readonly bytes: number;
}

const withRtp: ReadonlySet<CommandType> = new Set(['call.produce', 'call.transports', 'call.consumers']);

/** Commands that wait to be decided, in the order they came; bounded in number and size. */
export class CommandQueue {
  #waiting: Waiting[] = [];
  #bytes = 0;
  /** Who waits for an answer, here or for the commit in flight: numbers by life of a gateway. */
  readonly #asked = new Map<string, Set<number>>();
  /** Ids of the owner's own commands, here or in the commit in flight. */
  readonly #own = new Set<string>();

  get length(): number {
    return this.#waiting.length;
  }

  /** @returns those for whom there is no room. */
  addBatch(
    { gateway, incarnation }: Pick<CommandBatch, 'gateway' | 'incarnation'>,
    commands: readonly Asked[],
  ): { command: Command; asker: Asker }[] {
    const refused: { command: Command; asker: Asker }[] = [];
    const life = gatewayRef(gateway, incarnation);
    const asked = this.#asked.get(life) ?? new Set();
    for (const { ref, command, wrongForm } of commands) {
      // Sent again because it takes long: it has its place. Turned away now, it would be done and called undone.
      if (asked.has(ref)) continue;
      const asker = { gateway, ref, life };
      const bytes = wrongForm === undefined ? roughCommandBytes(command) : JSON.stringify(command).length;
      const waitingMax = limits.waitingMax + (isByClient(command) ? 0 : limits.waitingReserve);
      if (this.#waiting.length >= waitingMax || this.#bytes + bytes > limits.waitingBytesMax) {
        refused.push({ command, asker });
        continue;
      }
      asked.add(ref);
      this.#bytes += bytes;
      this.#waiting.push({ command, wrongForm, asker, bytes });
    }
    if (asked.size > 0) this.#asked.set(life, asked);
    return refused;
  }

  /** The owner's own command, unless it waits already. */
  addOwn(command: Command): void {
    if (this.#own.has(command.id)) return;
    this.#own.add(command.id);
    this.#waiting.push({ command, wrongForm: undefined, asker: undefined, bytes: 0 });
  }

  /** Gives one after the other to `decide`, until that says it is enough, or that this one is the next time's first. */
  take(decide: (waiting: Waiting) => 'more' | 'enough' | 'later'): number {
    let taken = 0;
    for (const waiting of this.#waiting) {
      const said = decide(waiting);
      if (said === 'later') break;
      taken += 1;
      this.#bytes -= waiting.bytes;
      if (said === 'enough') break;
    }
    this.#waiting = this.#waiting.slice(taken);
    return taken;
  }

  /** It was answered: the same number again is another command. */
  answered({ life, ref }: Asker): void {
    const asked = this.#asked.get(life);
    asked?.delete(ref);
    if (asked?.size === 0) this.#asked.delete(life);
  }

  /** The commit in flight is through: the owner may say the same again. */
  ownDone(id: string): void {
    this.#own.delete(id);
  }
}

/** Asked by a person's client, or in no form that we know; all else the platform does by itself. */
export function isByClient({ actor, type }: Command): boolean {
  return actor?.kind !== 'system' && commandDefinitions[type]?.client !== false;
}

/** SDP, capabilities and RTP parameters are all that is long in a command. */
function roughCommandBytes({ type, data }: Command): number {
  if (withRtp.has(type)) return 1_000 + JSON.stringify(data).length;
  const sdp = 'sdp' in data ? data.sdp.length : 0;
  const capabilities = 'capabilities' in data ? data.capabilities : undefined;
  const codecs =
    capabilities === undefined ? 0 : capabilities.audioCodecs.length + capabilities.videoCodecs.length;
  return 1_000 + sdp + codecs * 700;
}
