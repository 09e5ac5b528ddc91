import type { Readiness } from '@ringback/schemas';
import { nameOf, type TurnServers } from './turn-servers.ts';

export interface ReadinessPorts {
  /** Monotonic milliseconds; absent while there is no connection. */
  readonly natsConnectedAt: () => number | undefined;
  /** Per partition: was its owner heard lately, and not before the connection was made? */
  readonly owned: (connectedAt: number) => readonly boolean[];
  readonly webReady: () => boolean;
  /** Names of the Call Servers that were heard lately. */
  readonly callServers: () => readonly string[];
  /** Names of the edge gateways that were heard lately. */
  readonly gateways: () => readonly string[];
  readonly turn: Pick<TurnServers, 'all' | 'silent'> | undefined;
}

/** The state of each part, and of the whole: ready when every part that calls need is. */
export function readReadiness(ports: ReadinessPorts): Readiness {
  const connectedAt = ports.natsConnectedAt();
  const connected = connectedAt !== undefined;
  const parts: Readiness['parts'] = {
    log: {
      ready: connected,
      required: true,
      detail: connected ? 'connected to nats-server' : 'no connection to nats-server',
    },
    calls: callsPart(ports.owned(connectedAt ?? Infinity)),
    web: {
      ready: ports.webReady(),
      required: false,
      detail: ports.webReady() ? 'built' : 'not built: run npm run setup',
    },
    gateways: gatewaysPart(ports.gateways()),
    callServer: callServerPart(ports.callServers()),
    turn: turnPart(ports.turn),
  };
  return { ready: Object.values(parts).every((part) => part.ready || !part.required), parts };
}

function callsPart(owned: readonly boolean[]): Readiness['parts'][string] {
  const missing = owned.flatMap((is, partition) => (is ? [] : [partition]));
  const detail =
    missing.length === 0
      ? `all ${owned.length} partitions have an owner`
      : `no owner heard for partitions ${missing.join(', ')}`;
  return { ready: missing.length === 0, required: true, detail };
}

function gatewaysPart(heard: readonly string[]): Readiness['parts'][string] {
  const detail = heard.length === 0 ? 'none heard, not even this one' : `take sockets: ${heard.join(', ')}`;
  return { ready: heard.length > 0, required: false, detail };
}

function callServerPart(heard: readonly string[]): Readiness['parts'][string] {
  const detail =
    heard.length === 0
      ? 'no Call Server: calls of two to eight, peer to peer'
      : `takes calls of three and more: ${heard.join(', ')}`;
  return { ready: heard.length > 0, required: false, detail };
}

/** Ready while one of them answers: whoever needs a relay gets one. */
function turnPart(turn: ReadinessPorts['turn']): Readiness['parts'][string] {
  if (turn === undefined) {
    const detail = 'coturn is not installed: people behind strict firewalls can not connect';
    return { ready: false, required: false, detail };
  }
  const { all, silent } = turn;
  const names = (servers: typeof all) => servers.map(nameOf).join(', ');
  const detail =
    silent.length === 0
      ? `coturn answers on ${names(all)}`
      : `${all.length - silent.length} of ${all.length} STUN and TURN servers answer, not ${names(silent)}`;
  return { ready: silent.length < all.length, required: false, detail };
}
