import type { Clock, Ids } from '@ringback/runtime';
import {
  connectBody,
  presenceQuery,
  reject,
  rejectInput,
  sendMessageBody,
  userIdSchema,
} from '@ringback/schemas';
import type { Api } from '../api.ts';
import { json, problem, type Answer, type RequestHead } from '../http-response.ts';
import { limits } from '../limits.ts';
import { parseBody } from '../parse-body.ts';
import { KeyedRateLimit } from '../rate-limit.ts';
import { isRejection, mayEnter, maySeePeople } from '../tokens.ts';
import { keyOf } from './devices.ts';
import type { People } from './people.ts';

export interface PeopleApiPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly people: People;
  /** Who asks. A reader is refused who asks too often. */
  readonly api: Pick<Api, 'identify' | 'identifyReader'>;
}

/** The HTTP operations about people: where they connect, whether they are there, what they are told. */
export class PeopleApi {
  readonly #ports: PeopleApiPorts;
  readonly #messages = new KeyedRateLimit(
    limits.userMessagesPerSecond,
    limits.userMessagesBurst,
    limits.addressesMax,
  );

  constructor(ports: PeopleApiPorts) {
    this.#ports = ports;
  }

  async connect(head: RequestHead, body: Buffer | undefined): Promise<Answer> {
    const identity = await this.#ports.api.identifyReader(head);
    if (isRejection(identity)) return problem(identity);
    const input = parseBody(connectBody, body);
    if ('code' in input) return problem(input);
    const { callId } = input.value;
    if (callId !== undefined && !mayEnter(identity, callId)) return problem(reject('not_permitted'));
    // Without a call, one user's devices gather.
    const { gateway, region, url } = this.#ports.people.gatherAt(callId ?? keyOf(identity));
    return json(200, { gateway, region, url: url ?? '/v1/ws' });
  }

  async getPresence(head: RequestHead): Promise<Answer> {
    const identity = await this.#ports.api.identifyReader(head);
    if (isRejection(identity)) return problem(identity);
    if (!maySeePeople(identity)) return problem(reject('not_permitted'));
    const others = Object.fromEntries([...head.query].filter(([name]) => name !== 'users'));
    const query = presenceQuery.safeParse({ ...others, users: head.query.getAll('users') });
    if (!query.success) return problem(rejectInput(query.error));
    return json(200, await this.#ports.people.presenceOf(identity.tenantId, query.data.users));
  }

  async sendMessage(head: RequestHead, userId: string, body: Buffer | undefined): Promise<Answer> {
    const identity = await this.#ports.api.identify(head);
    if (isRejection(identity)) return problem(identity);
    if (!identity.roomAdmin || !maySeePeople(identity)) return problem(reject('not_permitted'));
    if (!this.#messages.take(keyOf(identity), this.#ports.clock.monotonic()))
      return problem(reject('rate_limited'));
    const to = userIdSchema.safeParse(decoded(userId));
    if (!to.success) return problem(reject('invalid', 'userId: must be the `sub` of a token', 'userId'));
    const input = parseBody(sendMessageBody, body);
    if ('code' in input) return problem(input);
    const { messageId = this.#ports.ids.uuid(), message } = input.value;
    const sent = await this.#ports.people.send({
      tenantId: identity.tenantId,
      userId: to.data,
      messageId,
      from: identity.userId,
      sentAt: this.#ports.clock.now(),
      message,
    });
    return json(200, { messageId, ...sent });
  }
}

/** A part of a path as it was before it was written for a URL; undefined where that was done wrongly. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
