import { gatewayRef, type BeatMessage, type CallServer, type CommandBatch } from '@ringback/schemas';
import { limits } from './limits.ts';

interface Gateway {
  readonly incarnation: string;
  /** `<gateway>/<incarnation>` */
  readonly ref: string;
  /** Monotonic milliseconds. */
  heardAt: number;
  /** The link whose batches are taken, and the number of the next one. */
  link: number;
  nextBatch: number;
  /** The link that was last asked to start anew. */
  askedAgain: number;
  /** As its last beat said. */
  region: string | undefined;
  /** Of a media gateway that takes calls. */
  load: number | undefined;
}

/** The gateways that were heard: what each follows, whether it lives, and which of its batches is next. */
export class GatewayList {
  readonly #gateways = new Map<string, Gateway>();
  /** The same by `<gateway>/<incarnation>`, as the facts name them. */
  readonly #byRef = new Map<string, Gateway>();
  readonly #followers = new Map<string, Set<string>>();

  /** @returns whether a Call Server came, went, or lives anew. */
  hear({ gateway, incarnation, region, load }: BeatMessage, now: number): boolean {
    let known = this.#gateways.get(gateway);
    if (known === undefined && this.#gateways.size >= limits.gatewaysMax) return false;
    const before = serving(known);
    if (known?.incarnation === incarnation) known.heardAt = now;
    else {
      // Another life of the same gateway: what the old one followed means nothing to it.
      this.#unfollowAll(gateway);
      const link = { link: 0, nextBatch: 0, askedAgain: 0 };
      const ref = gatewayRef(gateway, incarnation);
      if (known !== undefined) this.#byRef.delete(known.ref);
      known = { incarnation, ref, heardAt: now, ...link, region: undefined, load: undefined };
      this.#byRef.set(ref, known);
      this.#gateways.set(gateway, known);
    }
    // A batch of commands is a sign of life too, and says nothing of these. A beat without a load takes no calls.
    if (region !== undefined) {
      known.region = region;
      known.load = load;
    }
    return serving(known) !== before;
  }

  /** Media gateways that were heard lately. */
  callServers(now: number): CallServer[] {
    const servers: CallServer[] = [];
    for (const { ref, heardAt, region, load } of this.#gateways.values())
      if (region !== undefined && load !== undefined && now - heardAt <= limits.gatewaySilentMs)
        servers.push({ gateway: ref, region, load });
    return servers;
  }

  /** Where a gateway said it runs. @param ref `<gateway>/<incarnation>` */
  regionOf(ref: string): string | undefined {
    return this.#gateways.get(gatewayOf(ref))?.region;
  }

  /**
   * Is this batch the next one? Only then may it be taken: behind a lost one it would overtake it.
   *
   * @returns `again` where the gateway has to start a new link; once for each link.
   */
  order({ gateway, link, batch }: CommandBatch): 'take' | 'ignore' | 'again' {
    const known = this.#gateways.get(gateway);
    if (known === undefined) return 'ignore';
    if (link > known.link && batch === 0) {
      known.link = link;
      known.nextBatch = 1;
      return 'take';
    }
    if (link === known.link && batch === known.nextBatch) {
      known.nextBatch += 1;
      return 'take';
    }
    const late = link < known.link || (link === known.link && batch < known.nextBatch);
    if (late || known.askedAgain >= link) return 'ignore';
    known.askedAgain = link;
    return 'again';
  }

  follow({ gateway, follow, unfollow }: CommandBatch): void {
    for (const callId of follow) {
      const followers = this.#followers.get(callId);
      if (followers === undefined) this.#followers.set(callId, new Set([gateway]));
      else followers.add(gateway);
    }
    for (const callId of unfollow) this.#unfollow(callId, gateway);
  }

  followersOf(callId: string): Iterable<string> {
    return this.#followers.get(callId) ?? [];
  }

  /** Nobody needs this call's events any more. */
  dropCall(callId: string): void {
    this.#followers.delete(callId);
  }

  /** Has this life of a gateway been heard lately? */
  isAlive(ref: string, now: number): boolean {
    const known = this.#byRef.get(ref);
    return known !== undefined && now - known.heardAt <= limits.gatewaySilentMs;
  }

  /** Has another life of the same gateway been heard? Then this one is over, however short the silence. */
  isReplaced(ref: string): boolean {
    const known = this.#gateways.get(gatewayOf(ref));
    return known !== undefined && known.ref !== ref;
  }

  /** Forgets gateways that went silent. */
  prune(now: number): void {
    for (const [gateway, { heardAt, ref }] of this.#gateways) {
      if (now - heardAt <= limits.gatewaySilentMs) continue;
      this.#byRef.delete(ref);
      this.#gateways.delete(gateway);
      this.#unfollowAll(gateway);
    }
  }

  #unfollowAll(gateway: string): void {
    for (const callId of this.#followers.keys()) this.#unfollow(callId, gateway);
  }

  #unfollow(callId: string, gateway: string): void {
    const followers = this.#followers.get(callId);
    followers?.delete(gateway);
    if (followers?.size === 0) this.#followers.delete(callId);
  }
}

/** The Call Server that this is, if it takes calls. */
function serving(known: Gateway | undefined): string | undefined {
  return known?.load === undefined ? undefined : known.ref;
}

/** The gateway behind one of its lives, `<gateway>/<incarnation>`. */
export function gatewayOf(ref: string): string {
  return ref.slice(0, ref.indexOf('/'));
}
