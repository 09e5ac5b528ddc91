import { textWithoutCause } from '@ringback/domain';
import { JsonText, type Bus } from '@ringback/runtime';
import { subjects, type CommandReply, type FeedMessage, type HeadMessage } from '@ringback/schemas';
import type { CallBook } from './call-book.ts';
import type { Asker } from './command-queue.ts';
import type { GatewayList } from './gateway-list.ts';
import { limits } from './limits.ts';
import { serversOf } from './routes.ts';
import type { Written } from './written.ts';

export interface AddressedReply {
  readonly asker: Asker;
  readonly reply: CommandReply;
}

/** What was decided in one commit. */
export interface News {
  readonly events: readonly Written[];
  readonly replies: readonly AddressedReply[];
  /** By call: media gateways that served it before; they need to hear that they do no longer. */
  readonly served: ReadonlyMap<string, readonly string[]>;
}

/** The owner's voice: feeds, heads, tap. What it is given is durable. */
export class Telling {
  readonly #self: Pick<HeadMessage, 'partition' | 'epoch' | 'owner'>;
  readonly #bus: Bus;
  readonly #tap: boolean;
  readonly #book: CallBook;
  readonly #gateways: GatewayList;
  /** Calls whose heads are to be told. */
  readonly #changed = new Set<string>();

  constructor(
    self: Pick<HeadMessage, 'partition' | 'epoch' | 'owner'>,
    { bus, tap }: { readonly bus: Bus; readonly tap: boolean },
    book: CallBook,
    gateways: GatewayList,
  ) {
    this.#self = self;
    this.#bus = bus;
    this.#tap = tap;
    this.#book = book;
    this.#gateways = gateways;
  }

  /** The next heads name this call. */
  changed(callId: string): void {
    this.#changed.add(callId);
  }

  get anyChanged(): boolean {
    return this.#changed.size > 0;
  }

  feed(
    gateway: string,
    content: Partial<Omit<FeedMessage, 'events'>>,
    events: readonly Written[] = [],
  ): void {
    const { partition, epoch } = this.#self;
    const message: Omit<FeedMessage, 'events'> = { partition, epoch, replies: [], ...content };
    const texts = events.map(({ text }) => text).join(',');
    this.#bus.publish(
      subjects.feed(gateway),
      new JsonText(`${JSON.stringify(message).slice(0, -1)},"events":[${texts}]}`),
    );
  }

  /** One message a gateway with all its replies and events; then the tap. */
  tell({ events, replies, served }: News): void {
    const feeds = new Map<string, { replies: CommandReply[]; events: Written[] }>();
    const feed = (gateway: string) => {
      let found = feeds.get(gateway);
      if (found === undefined) feeds.set(gateway, (found = { replies: [], events: [] }));
      return found;
    };
    for (const written of events) {
      const { subject: callId } = written.event;
      this.#changed.add(callId);
      for (const gateway of this.#audienceOf(callId, served.get(callId))) feed(gateway).events.push(written);
    }
    for (const { asker, reply } of replies) feed(asker.gateway).replies.push(reply);
    for (const [gateway, { replies, events }] of feeds) this.feed(gateway, { replies }, events);
    if (!this.#tap) return;
    for (const { event, text } of events)
      this.#bus.publish(subjects.tap(event.subject, event.type), new JsonText(textWithoutCause(event, text)));
  }

  /** Those that follow the call, and the media gateways that serve it or just did, which need not follow. */
  #audienceOf(callId: string, served: readonly string[] = []): Iterable<string> {
    const followers = this.#gateways.followersOf(callId);
    const servers = [...serversOf(this.#book.get(callId)?.state.view?.route), ...served];
    return servers.length === 0 ? followers : new Set([...followers, ...servers]);
  }

  /** The heads of what changed since the last time, in as many messages as it takes. */
  publishHeads(): void {
    let heads: Record<string, number> = {};
    let count = 0;
    for (const callId of this.#changed) {
      const seq = this.#book.get(callId)?.state.view?.seq;
      if (seq !== undefined) heads[callId] = seq;
      if (++count % limits.headsPerMessageMax !== 0) continue;
      this.#publishHeads(heads);
      heads = {};
    }
    this.#changed.clear();
    this.#publishHeads(heads);
  }

  /** A sign of life, which says nothing of any call. */
  signOfLife(): void {
    this.#publishHeads({});
  }

  #publishHeads(heads: HeadMessage['heads']): void {
    const message: HeadMessage = { ...this.#self, heads };
    this.#bus.publish(subjects.heads(this.#self.partition), message);
  }
}
