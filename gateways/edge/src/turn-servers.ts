import { answersStun, type Clock } from '@ringback/runtime';
import { z } from 'zod';
import { limits } from './limits.ts';

const portSchema = z.number().int().min(1).max(65_535);

export const turnServersSchema = z
  .array(
    z.strictObject({
      /** A name or an address, IPv6 in brackets. Absent: the server runs beside us, where clients reach us. */
      host: z
        .string()
        .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)$/)
        .optional(),
      /** STUN and TURN over UDP and TCP. */
      port: portSchema,
      /** TURN over TLS, where the server has a certificate that browsers trust. */
      tlsPort: portSchema.optional(),
    }),
  )
  .min(1)
  .max(limits.turnServersMax);
export type TurnServer = z.infer<typeof turnServersSchema>[number];

/** The same as it stands in the environment: JSON. */
export const turnServersSetting = z
  .string()
  .transform((text, ctx): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      ctx.addIssue('is not JSON, for example [{"host":"turn.example","port":3478,"tlsPort":443}]');
      return z.NEVER;
    }
  })
  .pipe(turnServersSchema);

/** A server and what is known of it. */
interface Watched {
  readonly server: TurnServer;
  missed: number;
}

/**
 * Which STUN and TURN servers answer, asked again and again by STUN binding requests over UDP, so that whoever connects
 * is handed the living ones without waiting. Until the first answers are due all count as living.
 */
export class TurnServers {
  readonly #watched: readonly Watched[];
  readonly #clock: Clock;
  readonly #ask: typeof answersStun;
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(servers: readonly TurnServer[], clock: Clock, ask: typeof answersStun = answersStun) {
    this.#watched = servers.map((server) => ({ server, missed: 0 }));
    this.#clock = clock;
    this.#ask = ask;
  }

  start(): void {
    void this.#round();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** To hand out: those that answer. All of them when none does: then the fault may well be on our way to them. */
  get usable(): readonly TurnServer[] {
    const answering = this.#watched.filter(isAnswering);
    return (answering.length === 0 ? this.#watched : answering).map(({ server }) => server);
  }

  /** Those without an answer. */
  get silent(): readonly TurnServer[] {
    return this.#watched.filter((w) => !isAnswering(w)).map(({ server }) => server);
  }

  get all(): readonly TurnServer[] {
    return this.#watched.map(({ server }) => server);
  }

  async #round(): Promise<void> {
    await Promise.all(
      this.#watched.map(async (watched) => {
        const { host, port } = watched.server;
        const address = host?.replace(/^\[|\]$/g, '') ?? '127.0.0.1';
        watched.missed = (await this.#ask(address, port, limits.stunMs)) ? 0 : watched.missed + 1;
      }),
    );
    if (!this.#stopped) this.#cancel = this.#clock.after(limits.stunEveryMs, () => void this.#round());
  }
}

function isAnswering({ missed }: Watched): boolean {
  return missed < limits.stunMissesMax;
}

/** `turn.example:3478`, or `port 3478` for a server beside us. */
export function nameOf({ host, port }: TurnServer): string {
  return host === undefined ? `port ${port}` : `${host}:${port}`;
}
