import type { Clock, Ids } from '@ringback/runtime';
import { tookPart } from '@ringback/domain';
import type { OwnerLink } from '@ringback/link';
import {
  callIdSchema,
  callsQuery,
  createCallBody,
  createGuestBody,
  eventsQuery,
  makeCallId,
  reject,
  rejectInput,
  telemetryQuery,
  timeOfMs,
  timeOfUuidV7,
  type CallView,
  type CallsPlace,
  type Command,
  type IceServer,
  type Rejection,
} from '@ringback/schemas';
import { isRefused, type CallReader } from './call-reader.ts';
import { json, problem, type Answer, type RequestHead } from './http-response.ts';
import { limits } from './limits.ts';
import { parseBody } from './parse-body.ts';
import { keyOf } from './people/devices.ts';
import { KeyedRateLimit, subscriberOf } from './rate-limit.ts';
import type { TelemetryReader } from './telemetry-reader.ts';
import { isRejection, mayEnter, type Identity, type Tokens } from './tokens.ts';
import type { ViewsReader } from './views-reader.ts';

export interface ApiPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly tokens: Tokens;
  readonly link: OwnerLink;
  readonly reader: CallReader;
  readonly views: ViewsReader;
  readonly telemetry: TelemetryReader;
  readonly partitions: number;
  readonly guests: boolean;
  readonly iceServers: (host: string, userId: string) => IceServer[];
}

/** The HTTP API under /v1. Every operation answers; a refusal is a value on the way and a problem at the end. */
export class Api {
  readonly #ports: ApiPorts;
  readonly #anonymous = new KeyedRateLimit(
    limits.anonymousPerSecond,
    limits.anonymousBurst,
    limits.addressesMax,
  );
  readonly #reads = new KeyedRateLimit(limits.readsPerSecond, limits.readsBurst, limits.addressesMax);

  constructor(ports: ApiPorts) {
    this.#ports = ports;
  }

  async createGuest(head: RequestHead, body: Buffer | undefined): Promise<Answer> {
    if (!this.#ports.guests) return problem(reject('guests_disabled'));
    if (!this.#anonymous.take(subscriberOf(head.address), this.#ports.clock.monotonic()))
      return problem(reject('rate_limited'));
    const input = parseBody(createGuestBody, body);
    if ('code' in input) return problem(input);
    const userId = `guest:${this.#ports.ids.uuid()}`;
    const now = this.#ports.clock.now();
    const signed = await this.#ports.tokens.signGuest(userId, now, limits.guestTokenTtlSeconds);
    return json(201, { userId, ...signed });
  }

  async renewGuest(head: RequestHead): Promise<Answer> {
    if (!this.#ports.guests) return problem(reject('guests_disabled'));
    if (!this.#anonymous.take(subscriberOf(head.address), this.#ports.clock.monotonic()))
      return problem(reject('rate_limited'));
    const token = bearerOf(head);
    if (token === undefined) return problem(reject('token_missing'));
    const now = this.#ports.clock.now();
    const renewed = await this.#ports.tokens.renewGuest(token, now, limits.guestTokenTtlSeconds);
    return 'code' in renewed ? problem(renewed) : json(201, renewed);
  }

  async createCall(head: RequestHead, body: Buffer | undefined): Promise<Answer> {
    const identity = await this.identify(head);
    if (isRejection(identity)) return problem(identity);
    if (!identity.roomCreate) return problem(reject('not_permitted'));
    if (!this.#anonymous.take(`user:${keyOf(identity)}`, this.#ports.clock.monotonic()))
      return problem(reject('rate_limited'));
    const input = parseBody(createCallBody, body);
    if ('code' in input) return problem(input);
    const { commandId, ...data } = input.value;
    const now = this.#ports.clock.now();
    if (commandId !== undefined && Math.abs(timeOfUuidV7(commandId) - now) > limits.clockSkewMs)
      return problem(
        reject(
          'clock_skew',
          `commandId: its time is off by more than 5 minutes; it is ${timeOfMs(now)} here.`,
          'commandId',
        ),
      );
    const id = commandId ?? this.#ports.ids.uuidV7(now);
    // The command's own id makes the call's: a repeat finds the same call in the same partition.
    const callId = makeCallId(Number.parseInt(id.slice(-8), 16) % this.#ports.partitions, id);
    const command: Command = {
      id,
      type: 'call.create',
      callId,
      tenantId: identity.tenantId,
      actor: { kind: 'user', userId: identity.userId, guest: identity.guest, admin: identity.roomAdmin },
      receivedTime: timeOfMs(now),
      correlationId: id,
      data,
    };
    const outcome = await this.#ports.link.submit(command);
    if (!outcome.ok) return problem(outcome.error);
    return json(201, { callId, seq: outcome.seq, url: `/c/${callId}` }, [
      ['location', `/v1/calls/${callId}`],
    ]);
  }

  async listCalls(head: RequestHead): Promise<Answer> {
    const identity = await this.identifyReader(head);
    if (isRejection(identity)) return problem(identity);
    if (!identity.roomList) return problem(reject('not_permitted'));
    const query = callsQuery.safeParse(Object.fromEntries(head.query));
    if (!query.success) return problem(rejectInput(query.error));
    const { limit, before, atLeast } = query.data;
    const { tenantId, userId, roomAdmin, room } = identity;
    if (room !== undefined && !callIdSchema.safeParse(room).success)
      return json(200, { calls: [], stale: false });
    const answer = await this.#ports.views.ask({
      ask: 'calls',
      tenantId,
      // An administrator of the tenant sees all of its calls.
      ...(roomAdmin ? {} : { userId }),
      ...(room === undefined ? {} : { callId: room }),
      ...(before === undefined ? {} : { before: placeOf(before) }),
      ...(atLeast === undefined ? {} : { atLeast: pointOf(atLeast) }),
      limit,
    });
    if (!answer.ok) return problem(answer.error);
    if (!('calls' in answer)) return problem(reject('views_unavailable'));
    const { calls, more, stale } = answer;
    const last = calls.at(-1);
    const next = more && last !== undefined ? { next: `${last.createdAt}.${last.callId}` } : {};
    return json(200, { calls, ...next, stale });
  }

  async getCall(head: RequestHead, callId: string): Promise<Answer> {
    const found = await this.#readable(head, callId);
    return 'code' in found ? problem(found) : json(200, { callId, seq: found.state.seq, ...found });
  }

  async getEvents(head: RequestHead, callId: string): Promise<Answer> {
    const found = await this.#readable(head, callId);
    if ('code' in found) return problem(found);
    const query = eventsQuery.safeParse(Object.fromEntries(head.query));
    if (!query.success) return problem(rejectInput(query.error));
    const { after, limit } = query.data;
    const read = await this.#ports.reader.events(callId, after);
    if (isRefused(read)) return problem(read);
    const events = read.slice(0, limit);
    const last = events.at(-1)?.sequence;
    const more = last !== undefined && last < found.state.seq;
    return json(200, { callId, events, ...(more ? { next: last } : {}) });
  }

  async getTelemetry(head: RequestHead, callId: string): Promise<Answer> {
    const found = await this.#readable(head, callId);
    if ('code' in found) return problem(found);
    const query = telemetryQuery.safeParse(Object.fromEntries(head.query));
    if (!query.success) return problem(rejectInput(query.error));
    const { after, limit, samples } = query.data;
    const page = await this.#ports.telemetry.page(callId, {
      ...{ tenantId: found.state.tenantId, after, limit, samples: samples === 'true' },
    });
    return 'code' in page ? problem(page) : json(200, page);
  }

  async getIceServers(head: RequestHead): Promise<Answer> {
    const identity = await this.identifyReader(head);
    if (isRejection(identity)) return problem(identity);
    return json(200, {
      iceServers: this.#ports.iceServers(head.host, identity.userId),
      ttlSeconds: limits.turnTtlSeconds,
    });
  }

  /** A call's state, for those who may read it. To others it does not exist, or is not theirs. */
  async #readable(
    head: RequestHead,
    callId: string,
  ): Promise<{ state: CallView; stateHash: string } | Rejection> {
    const identity = await this.identifyReader(head);
    if (isRejection(identity)) return identity;
    if (!callIdSchema.safeParse(callId).success) return reject('call_unknown');
    if (!mayEnter(identity, callId)) return reject('not_permitted');
    const found = await this.#ports.reader.state(callId, identity.tenantId);
    if ('code' in found) return found;
    if (!identity.roomAdmin && !tookPart(found.state, identity.userId)) return reject('not_permitted');
    return { state: found.state, stateHash: found.stateHash };
  }

  /** Who asks for something to read: each user so often only. */
  async identifyReader(head: RequestHead): Promise<Identity | Rejection> {
    const identity = await this.identify(head);
    if (isRejection(identity)) return identity;
    return this.#reads.take(keyOf(identity), this.#ports.clock.monotonic())
      ? identity
      : reject('rate_limited');
  }

  /** Whoever has a good token. */
  async identify(head: RequestHead): Promise<Identity | Rejection> {
    const token = bearerOf(head);
    if (token === undefined) return reject('token_missing');
    return this.#ports.tokens.verify(token, this.#ports.clock.now());
  }
}

function bearerOf({ authorization }: RequestHead): string | undefined {
  return /^bearer (\S+)$/i.exec(authorization)?.[1];
}

/** `<createdAt>.<callId>`, whose form the schema has seen to. */
function placeOf(cursor: string): CallsPlace {
  const dot = cursor.indexOf('.');
  return { createdAt: Number(cursor.slice(0, dot)), callId: cursor.slice(dot + 1) };
}

/** `<callId>:<seq>`, whose form the schema has seen to. */
function pointOf(text: string): { callId: string; seq: number } {
  const colon = text.indexOf(':');
  return { callId: text.slice(0, colon), seq: Number(text.slice(colon + 1)) };
}
