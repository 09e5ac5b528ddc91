import type { OwnerLink } from '@ringback/link';
import { listen, type Bus, type Clock } from '@ringback/runtime';
import { busForms, partitionOf, subjects, type CallView, type HeadMessage } from '@ringback/schemas';
import type { CallBook } from './call-book.ts';
import { limits } from './limits.ts';

export interface PlacementPorts {
  readonly link: Pick<OwnerLink, 'ask' | 'ref'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly partitions: number;
  readonly book: CallBook;
}

/**
 * Which calls are here: owners feed the calls that they placed on us; what was lost on the way is found by asking each
 * of them every few seconds, and at once when a partition has a new owner.
 */
export class Placement {
  readonly #ports: PlacementPorts;
  readonly #epochs = new Map<number, number>();
  readonly #asking = new Set<number>();
  readonly #endHeads: () => void;
  #cancel = () => {};
  #stopped = false;

  constructor(ports: PlacementPorts) {
    this.#ports = ports;
    this.#endHeads = listen(ports.bus, subjects.allHeads, busForms.head, (head) => this.#onHead(head));
    this.#sweep();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#endHeads();
  }

  #onHead({ partition, epoch }: HeadMessage): void {
    if (epoch <= (this.#epochs.get(partition) ?? 0)) return;
    this.#epochs.set(partition, epoch);
    void this.#ask(partition);
  }

  #sweep(): void {
    for (let partition = 0; partition < this.#ports.partitions; partition++) void this.#ask(partition);
    this.#cancel = this.#ports.clock.after(limits.placedEveryMs, () => this.#sweep());
  }

  async #ask(partition: number): Promise<void> {
    const { link, book } = this.#ports;
    if (this.#asking.has(partition)) return;
    this.#asking.add(partition);
    // Only those known before can be missing from the answer: others may have come meanwhile.
    const known = book.callIds.filter((callId) => partitionOf(callId) === partition);
    const answer = await link.ask(partition, { ask: 'placed', server: link.ref });
    this.#asking.delete(partition);
    if (this.#stopped || !answer.ok || !('placed' in answer)) return;
    for (const [callId, seq] of Object.entries(answer.placed)) book.placed(callId, seq);
    for (const callId of known) if (!Object.hasOwn(answer.placed, callId)) book.notPlaced(callId);
  }
}

/** The state of a call from its owner, for the book. */
export function stateAsker(
  link: () => Pick<OwnerLink, 'ask'>,
): (callId: string) => Promise<CallView | 'gone' | undefined> {
  return async (callId) => {
    const answer = await link().ask(partitionOf(callId), { ask: 'state', callId });
    if (answer.ok) return 'state' in answer ? answer.state : undefined;
    // A parked call stands still: nothing of it can be known, so nothing of it can be served.
    return answer.error.code === 'call_unknown' || answer.error.code === 'call_parked' ? 'gone' : undefined;
  };
}
