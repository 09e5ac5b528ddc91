import { bestFirst, decideRoute, mediaPeople } from '@ringback/domain';
import {
  limits as bounds,
  type CallEvent,
  type CallServer,
  type CallView,
  type CommandData,
  type Route,
} from '@ringback/schemas';
import { gatewayOf, type GatewayList } from './gateway-list.ts';
import type { Hearing } from './hearing.ts';
import { limits } from './limits.ts';
import type { Written } from './written.ts';

/** After which the media may have to take another way. All others, most of them, cost nothing. */
const touching = new Set<CallEvent['type']>([
  'call.participant.joined',
  'call.participant.reconnected',
  'call.participant.left',
  'call.capabilities.announced',
  'call.connection.changed',
  'call.route.changed',
  'call.route.settled',
]);

/** What an owner knows, beyond the facts, of the ways that media may take. */
export class Routes {
  readonly #gateways: GatewayList;
  readonly #hearing: Hearing;
  #known: string | undefined;
  /** Since when no Call Server at all was heard. */
  #noneSince: number | undefined;

  constructor(gateways: GatewayList, hearing: Hearing) {
    this.#gateways = gateways;
    this.#hearing = hearing;
  }

  /**
   * Has a Call Server come or gone since this was last asked? Only then is there a reason to look at calls to which
   * nothing happened.
   *
   * @param now monotonic milliseconds, here and below.
   */
  serversChanged(now: number): boolean {
    const refs = this.#gateways.callServers(now).map(({ gateway }) => gateway);
    this.#noneSince = refs.length > 0 ? undefined : (this.#noneSince ?? now);
    const known = `${this.#hearing.canTellSilence(now)} ${this.#isComingBack(now)} ${refs.sort().join(' ')}`;
    const changed = known !== this.#known;
    this.#known = known;
    return changed;
  }

  /** As `question`, where these events may have changed the answer. */
  questionAfter(
    events: readonly Written[],
    view: CallView,
    now: number,
  ): CommandData<'call.route'> | undefined {
    return events.some(({ event }) => touching.has(event.type)) ? this.question(view, now) : undefined;
  }

  /** What the owner has to ask of a call whose media should take another way; undefined where all is well. */
  question(view: CallView, now: number): CommandData<'call.route'> | undefined {
    const servers = this.#gateways.callServers(now);
    const current = view.route?.server;
    if (current !== undefined && this.#isSpared(current, servers, now)) servers.push(current);
    // Whether does not depend on where people are, only which.
    if (decideRoute(view, { servers }) === undefined) return undefined;
    const region = regionOf(view, this.#gateways);
    return { servers: weighed(servers, region, view.route), ...(region === undefined ? {} : { region }) };
  }

  /** Not heard, which means nothing as long as silence means nothing and nobody else lives in its place. */
  #isSpared({ gateway }: CallServer, servers: readonly CallServer[], now: number): boolean {
    if (servers.some((s) => s.gateway === gateway)) return false;
    if (this.#gateways.isReplaced(gateway)) return false;
    return !this.#hearing.canTellSilence(now) || (servers.length === 0 && this.#isComingBack(now));
  }

  /** The only Call Server died: it is back in moments, and the way over the mesh would be two switches for nothing. */
  #isComingBack(now: number): boolean {
    return now - (this.#noneSince ?? now) <= limits.serverBackMs;
  }
}

/** As many as a decision takes: the best, and those that are in use. */
function weighed(
  servers: readonly CallServer[],
  region: string | undefined,
  route: Route | undefined,
): CallServer[] {
  const used = [route?.server?.gateway, route?.before?.server?.gateway];
  const inUse = servers.filter(({ gateway }) => used.includes(gateway));
  const others = servers.filter(({ gateway }) => !used.includes(gateway));
  return [...inUse, ...bestFirst(others, region)].slice(0, bounds.callServersMax);
}

/** Where most of the people are; of equals, where the first of them is. */
function regionOf(view: CallView, gateways: GatewayList): string | undefined {
  const count = new Map<string, number>();
  for (const { gateway } of mediaPeople(view)) {
    const region = gateways.regionOf(gateway);
    if (region !== undefined) count.set(region, (count.get(region) ?? 0) + 1);
  }
  return [...count].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** The media gateways that serve this route, or the one before it until everybody has switched. */
export function serversOf(route: Route | undefined): string[] {
  const refs = [route?.server, route?.before?.server].flatMap((server) => server?.gateway ?? []);
  return [...new Set(refs.map(gatewayOf))];
}
