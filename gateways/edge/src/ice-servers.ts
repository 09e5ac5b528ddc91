import { createHmac } from 'node:crypto';
import type { IceServer } from '@ringback/schemas';
import { limits } from './limits.ts';
import type { TurnServer } from './turn-servers.ts';

export interface TurnSettings {
  /** Shared with the servers. */
  readonly secret: string;
  /** Of servers beside us. Undefined: the host that the client itself used to reach us. */
  readonly host: string | undefined;
}

/**
 * STUN and TURN servers for one user, with credentials that end by themselves: user name
 * `<expiry in seconds>:<user>`, password base64(HMAC-SHA1(secret, user name)) — the TURN REST form that
 * coturn's `use-auth-secret` checks (draft-uberti-behave-turn-rest-00).
 *
 * @param servers those to hand out, the preferred first.
 * @param clientHost the Host header (or authority) that the client sent, with or without a port.
 */
export function iceServers(
  turn: TurnSettings,
  servers: readonly TurnServer[],
  clientHost: string,
  userId: string,
  nowMs: number,
): IceServer[] {
  const username = `${Math.floor(nowMs / 1_000) + limits.turnTtlSeconds}:${userId}`;
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64');
  const beside = turn.host ?? hostOf(clientHost);
  const at = servers.map(({ host = beside, port, tlsPort }) => ({ host, port, tlsPort }));
  return [
    // One is enough to learn one's own address, and each more costs the browser time while it gathers.
    ...at.slice(0, 1).map(({ host, port }) => ({ urls: [`stun:${host}:${port}`] })),
    ...at.map(({ host, port, tlsPort }) => ({
      urls: [
        `turn:${host}:${port}?transport=udp`,
        `turn:${host}:${port}?transport=tcp`,
        ...(tlsPort === undefined ? [] : [`turns:${host}:${tlsPort}?transport=tcp`]),
      ],
      username,
      credential,
    })),
  ];
}

/** `[::1]:8080` -> `[::1]`, `meet.example:8080` -> `meet.example`; anything strange -> `localhost`. */
function hostOf(authority: string): string {
  return /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d+)?$/.exec(authority)?.[1] ?? 'localhost';
}
