import { AuthorizationError, connect, type NatsConnection } from '@nats-io/transport-node';

export interface NatsAddress {
  /** One or more `nats://host:port`, separated by commas. */
  url: string;
  user: string;
  password: string;
  /** What the server's connection list shows. */
  name: string;
}

/** nats-server could not be reached at the start, or it refused us. The message says which and what to do. */
export class NatsNotConnected extends Error {
  override readonly name = 'NatsNotConnected';
}

/**
 * One connection that never gives up. A frozen server is noticed after two lost pings: without that a
 * request ends only by its own time-out and publishes go nowhere. Inboxes are the user's own, so that no
 * user may read another's replies; `viewer` keeps the default one, as plain clients expect.
 *
 * @throws NatsNotConnected where the first try fails.
 */
export async function connectNats(address: NatsAddress): Promise<NatsConnection> {
  const connecting = connect({
    servers: address.url.split(','),
    user: address.user,
    pass: address.password,
    name: address.name,
    ...(address.user === 'viewer' ? {} : { inboxPrefix: `_INBOX_${address.user}` }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 50,
    pingInterval: 1_000,
    maxPingOut: 2,
    // A frozen server's kernel takes connections for it, and the client tries the one it has just lost first: with
    // its default of 20 s it would wait there while others are well. Milliseconds.
    timeout: 2_000,
    // An Error with a stack for every request costs more than the request.
    noAsyncTraces: true,
  });
  return connecting.catch((error: unknown) => {
    throw new NatsNotConnected(
      error instanceof AuthorizationError
        ? `nats-server at ${address.url} refused the user "${address.user}": user or password are wrong. Set ` +
            'RINGBACK_NATS_USER and RINGBACK_NATS_PASSWORD as that server knows them (secrets.json in RINGBACK_HOME has those of ours).'
        : `nats-server at ${address.url} can not be reached. Start it, or name the right one in RINGBACK_NATS_URL. ` +
            `It was: ${error instanceof Error ? error.message : String(error)}.`,
    );
  });
}
