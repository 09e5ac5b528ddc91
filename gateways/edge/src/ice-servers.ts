import { createHmac } from 'node:crypto';
import type { IceServer } from '@ringback/schemas';
import { limits } from './limits.ts';

export interface TurnSettings {
  readonly secret: string;
  readonly port: number;
  /** Undefined: the host that the client itself used to reach us. */
  readonly host: string | undefined;
}

/**
 * STUN and TURN servers for one user, with credentials that end by themselves: user name
 * `<expiry in seconds>:<user>`, password base64(HMAC-SHA1(secret, user name)) — the TURN REST form that
 * coturn's `use-auth-secret` checks (draft-uberti-behave-turn-rest-00).
 *
 * @param clientHost the Host header (or authority) that the client sent, with or without a port.
 */
export function iceServers(
  turn: TurnSettings | undefined,
  clientHost: string,
  userId: string,
  nowMs: number,
): IceServer[] {
  if (turn === undefined) return [];
  const host = turn.host ?? hostOf(clientHost);
  const username = `${Math.floor(nowMs / 1_000) + limits.turnTtlSeconds}:${userId}`;
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64');
  return [
    { urls: [`stun:${host}:${turn.port}`] },
    {
      urls: [`turn:${host}:${turn.port}?transport=udp`, `turn:${host}:${turn.port}?transport=tcp`],
      username,
      credential,
    },
  ];
}

/** `[::1]:8080` -> `[::1]`, `meet.example:8080` -> `meet.example`; anything strange -> `localhost`. */
function hostOf(authority: string): string {
  return /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d+)?$/.exec(authority)?.[1] ?? 'localhost';
}
