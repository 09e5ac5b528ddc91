import { gatewayRef, type BeatMessage, type CommandBatch } from '@ringback/schemas';
import { limits } from './limits.ts';

interface Gateway {
  readonly incarnation: string;
  /** Monotonic milliseconds. */
  heardAt: number;
  /** The link whose batches are taken, and the number of the next one. */
  link: number;
  nextBatch: number;
  /** The link that was last asked to start anew. */
  askedAgain: number;
}

/** The gateways that were heard: what each follows, whether it lives, and which of its batches is next. */
export class GatewayList {
  readonly #gateways = new Map<string, Gateway>();
  readonly #followers = new Map<string, Set<string>>();

  hear({ gateway, incarnation }: BeatMessage, now: number): void {
    const known = this.#gateways.get(gateway);
    if (known?.incarnation === incarnation) {
      known.heardAt = now;
      return;
    }
    // Another life of the same gateway: what the old one followed means nothing to it.
    this.#unfollowAll(gateway);
    this.#gateways.set(gateway, { incarnation, heardAt: now, link: 0, nextBatch: 0, askedAgain: 0 });
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
    const gateway = ref.slice(0, ref.indexOf('/'));
    const known = this.#gateways.get(gateway);
    return (
      known !== undefined &&
      gatewayRef(gateway, known.incarnation) === ref &&
      now - known.heardAt <= limits.gatewaySilentMs
    );
  }

  /** Forgets gateways that went silent. */
  prune(now: number): void {
    for (const [gateway, { heardAt }] of this.#gateways) {
      if (now - heardAt <= limits.gatewaySilentMs) continue;
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
