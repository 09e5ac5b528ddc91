import type { Ports } from '../../clients/sdk/src/ports.ts';
import { delayOf, type NetworkShape } from './broker.ts';
import type { EdgeLife } from './edge.ts';
import { limits } from './limits.ts';
import type { Process } from './process.ts';
import { Wire } from './wire.ts';
import type { World } from './world.ts';

type SocketLike = InstanceType<Ports['WebSocket']>;

/** How uWebSockets.js words the end of a socket that was silent for too long. */
const timedOut = 'WebSocket timed out from inactivity';

/** What stands between clients and gateways: a load balancer without stickiness, and the clients' own networks. */
export class Front {
  readonly world: World;
  readonly shape: NetworkShape;
  /** Unread bytes from which a gateway's `send` drops. */
  readonly bufferedBytesMax: number;
  /** How often a client says the same command twice on one socket. 0 to 1. */
  readonly doubling: number;
  readonly links = new Set<Link>();
  readonly #edges: () => readonly EdgeLife[];

  constructor(
    world: World,
    shape: NetworkShape,
    of: { bufferedBytesMax: number; doubling: number },
    edges: () => readonly EdgeLife[],
  ) {
    this.world = world;
    this.shape = shape;
    this.bufferedBytesMax = of.bufferedBytesMax;
    this.doubling = of.doubling;
    this.#edges = edges;
  }

  /** One that listens, whether or not it can be talked to. */
  pick(): EdgeLife | undefined {
    const listening = this.#edges().filter((edge) => edge.isListening);
    return listening.length === 0 ? undefined : this.world.chance.of(listening);
  }
}

/** The WebSocket of one page. */
export function webSocketOf(front: Front, client: Process): Ports['WebSocket'] {
  return class implements SocketLike {
    onopen: SocketLike['onopen'] = null;
    onmessage: SocketLike['onmessage'] = null;
    onclose: SocketLike['onclose'] = null;
    onerror: SocketLike['onerror'] = null;
    readonly #link: Link;

    constructor() {
      this.#link = new Link(front, client, this);
    }

    send(data: string): void {
      this.#link.fromClient(data);
    }

    close(code = 1000): void {
      this.#link.closedByClient(code);
    }
  };
}

/** One WebSocket's TCP connection, with the gateway's end as uWebSockets.js shows it. */
export class Link {
  readonly client: Process;
  readonly edge: EdgeLife | undefined;
  readonly #front: Front;
  readonly #socket: SocketLike;
  readonly #up: Wire;
  readonly #down: Wire;
  #data: unknown;
  #unread = 0;
  /** The gateway's end is open. */
  #served = false;
  /** Nothing passes any more, and neither end knows. */
  #silent = false;

  constructor(front: Front, client: Process, socket: SocketLike) {
    this.#front = front;
    this.client = client;
    this.#socket = socket;
    const delay = delayOf(front.world, front.shape);
    this.#up = new Wire(front.world, delay);
    this.#down = new Wire(front.world, delay);
    this.edge = front.pick();
    front.links.add(this);
    client.onKill(() => this.closedByClient(1001));
    const { edge } = this;
    if (edge === undefined) {
      this.#tellClosed(1006);
      return;
    }
    edge.process.onKill(() => this.#lostEdge());
    this.#up.send(() => {
      if (edge.process.alive) edge.process.enter(() => this.#open(edge));
      else this.#tellClosed(1006);
    });
  }

  get isSilent(): boolean {
    return this.#silent;
  }

  // What uWebSockets.js gives to the gateway.

  getUserData(): unknown {
    return this.#data;
  }

  getBufferedAmount(): number {
    return this.#unread;
  }

  cork(task: () => void): this {
    task();
    return this;
  }

  /** 0: queued, 1: sent, 2: dropped. */
  send(bytes: string | Uint8Array): 0 | 1 | 2 {
    const frame = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes);
    if (!this.#served) throw new Error('a socket was touched after its end');
    if (this.#unread > this.#front.bufferedBytesMax) return 2;
    this.#unread += frame.length;
    if (!this.#silent)
      this.#down.send(() =>
        this.client.enter(() => {
          this.#unread -= frame.length;
          this.#front.world.note(this.client.name, `gets ${frame.length} bytes`, frame);
          this.#socket.onmessage?.({ data: frame });
        }),
      );
    return this.#unread > this.#front.bufferedBytesMax / 2 ? 0 : 1;
  }

  end(code: number, reason: string): void {
    this.#tellClosed(code);
    this.#ended(code, reason);
  }

  // What the client does.

  fromClient(text: string): void {
    const { world, doubling } = this.#front;
    if (this.#silent) return;
    const twice = text.includes('"type":"call.') && world.chance.is(doubling);
    for (let time = 0; time < (twice ? 2 : 1); time++)
      this.#up.send(() =>
        this.edge?.process.enter(() => {
          if (!this.#served) return;
          world.note(this.edge!.process.name, `gets ${twice ? 'twice ' : ''}from ${this.client.name}`, text);
          const bytes = new TextEncoder().encode(text);
          this.edge!.app.message?.(this as never, bytes.buffer as ArrayBuffer, false);
        }),
      );
  }

  closedByClient(code: number): void {
    this.#front.links.delete(this);
    if (!this.#silent) this.#up.send(() => this.edge?.process.enter(() => this.#ended(code, '')));
  }

  // Faults.

  /** Both ends are told, each in its time. */
  reset(): void {
    this.#front.world.note(this.client.name, 'has its socket reset');
    this.#down.cut();
    this.#up.cut();
    this.#tellClosed(1006);
    this.#up.send(() => this.edge?.process.enter(() => this.#ended(1006, '')));
  }

  /** A cable is pulled: neither end hears of it. */
  silence(): void {
    this.#front.world.note(this.client.name, 'is cut off without a word');
    this.#silent = true;
    this.#up.cut();
    this.#down.cut();
    const idle = () => this.edge?.process.enter(() => this.#ended(1006, timedOut));
    this.#front.world.after(limits.socketIdleMs, idle);
  }

  stall(ms: number): void {
    this.#front.world.note(this.client.name, `has a network that stands still for ${ms.toFixed(0)} ms`);
    this.#up.stall(ms);
    this.#down.stall(ms);
  }

  #open(edge: EdgeLife): void {
    let accepted = false;
    const response = {
      upgrade: (data: unknown) => {
        this.#data = data;
        accepted = true;
      },
      writeStatus: () => response,
      writeHeader: () => response,
      end: () => response,
    };
    const request = { getHeader: (name: string) => (name === 'host' ? 'front' : '') };
    if (edge.isListening) edge.app.upgrade?.(response as never, request as never, {} as never);
    if (!accepted) return this.#tellClosed(1006);
    this.#served = true;
    edge.app.open?.(this as never);
    this.#down.send(() => this.client.enter(() => this.#socket.onopen?.()));
  }

  /** The gateway's end, once: by its own `end` within that, as uWebSockets.js does. */
  #ended(code: number, reason: string): void {
    if (!this.#served) return;
    this.#served = false;
    const message = new TextEncoder().encode(reason);
    this.edge?.app.close?.(this as never, code, message.buffer as ArrayBuffer);
  }

  #tellClosed(code: number): void {
    if (this.#silent) return;
    this.#down.send(() => {
      this.#front.links.delete(this);
      this.client.enter(() => this.#socket.onclose?.({ code }));
    });
  }

  #lostEdge(): void {
    this.#served = false;
    this.#tellClosed(1006);
  }
}
