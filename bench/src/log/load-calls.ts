import { randomBytes, randomUUID } from 'node:crypto';
import { systemIds } from '@ringback/runtime';
import { limits as bounds, makeCallId, timeOfMs, type Command } from '@ringback/schemas';

/** Somebody in a call: the texts around the id of the next thing they ask, for `call.mute` and `call.unmute`. */
export interface Speaker {
  readonly texts: readonly [Around, Around];
  muted: 0 | 1;
}

interface Around {
  readonly beforeId: string;
  readonly afterId: string;
  readonly afterCorrelation: string;
}

export interface LoadCall {
  readonly callId: string;
  readonly partition: number;
  readonly people: readonly Speaker[];
  /** Whose turn it is. */
  next: number;
  /** The last sequence that an answer named. */
  seq: number;
}

/** Ids of one life of the load: as random as a UUID where that matters (no two alike), as cheap as a counter. */
export class CommandIds {
  readonly #tail = `-0000-4000-8000-${randomBytes(6).toString('hex')}`;
  #next = 0;

  next(): string {
    return (this.#next++).toString(16).padStart(8, '0') + this.#tail;
  }
}

/** A call with people in it, each with a microphone, and the commands that make it so, in order. */
export function makeCall(
  partition: number,
  peoplePerCall: number,
  gateway: string,
): { call: LoadCall; commands: Command[] } {
  const now = Date.now();
  const callId = makeCallId(partition, systemIds.uuidV7(now));
  const command = (userId: string, person: object, type: string, data: object): Command => {
    const id = randomUUID();
    const actor = { kind: 'user', userId, guest: false, admin: false };
    const receivedTime = timeOfMs(now);
    // Members in the order in which the edge writes them.
    return {
      id,
      type,
      callId,
      tenantId: 'default',
      actor,
      ...person,
      receivedTime,
      correlationId: id,
      data,
    } as Command;
  };
  const settings = {
    guestsAllowed: true,
    participantsMax: bounds.participantsDefault,
    durationMsMax: bounds.callDurationMsDefault,
    emptyTimeoutMs: bounds.emptyTimeoutMsDefault,
  };
  const track = { trackId: 'microphone', kind: 'audio', source: 'microphone', muted: false };
  const commands = [command('host', {}, 'call.create', settings)];
  const people: Speaker[] = [];
  for (let n = 0; n < peoplePerCall; n++) {
    const userId = n === 0 ? 'host' : `guest-${n}`;
    const [participantId, sessionId] = [randomUUID(), randomUUID()];
    const join = { participantId, instanceId: randomUUID(), displayName: userId, gateway };
    commands.push(
      command(userId, { sessionId }, 'call.join', join),
      command(userId, { participantId, sessionId }, 'call.publish', { track }),
    );
    const around = (type: string): Around => {
      const one = command(userId, { participantId, sessionId }, type, { trackId: track.trackId });
      const [beforeId, afterId, afterCorrelation] = JSON.stringify(one).split(one.id);
      return { beforeId: beforeId!, afterId: afterId!, afterCorrelation: afterCorrelation! };
    };
    people.push({ texts: [around('call.mute'), around('call.unmute')], muted: 0 });
  }
  return { call: { callId, partition, people, next: 0, seq: 0 }, commands };
}

/** The JSON of the next thing that somebody in this call asks: to be silent, or to be heard again. */
export function nextAction(call: LoadCall, id: string): string {
  const person = call.people[call.next]!;
  call.next = (call.next + 1) % call.people.length;
  const { beforeId, afterId, afterCorrelation } = person.texts[person.muted];
  person.muted = person.muted === 0 ? 1 : 0;
  return beforeId + id + afterId + id + afterCorrelation;
}
