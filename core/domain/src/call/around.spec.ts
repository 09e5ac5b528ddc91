import { callEvents, limits, timeOfMs, type CallEvent, type CommandOf } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import {
  host,
  ask,
  second,
  callId,
  camera,
  third,
  codeVersion,
  created,
  deepFreeze,
  fact,
  given,
  history,
  join,
  joined,
  left,
  person,
  play,
  played,
  published,
  sdp,
  settings,
  start,
  uuid,
} from '../testing.ts';
import { commandOf, toEvents } from './envelope.ts';
import { initialState, tookPart } from './state.ts';
import { summarize } from './summary.ts';
import { visibleTo, withoutCause } from './visibility.ts';

const create = ask(host, 'call.create', settings);
const offer: CommandOf<'call.offer'> = ask(
  host,
  'call.offer',
  { to: second.participantId, connectionId: 'ab', sdp },
  { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
);

describe('visibility', () => {
  it('[VI1] negotiation and what is for one page go to their addressee, everything else to everybody', () => {
    for (const definition of callEvents) {
      const event = {
        type: definition.type,
        data: { from: host.participantId, to: second.participantId, participantId: host.participantId },
      } as unknown as CallEvent;
      const others = definition.visibility === 'call';
      expect([definition.type, visibleTo(event, second.participantId)]).toEqual([definition.type, true]);
      expect([definition.type, visibleTo(event, third.participantId)]).toEqual([definition.type, others]);
      expect([definition.type, visibleTo(event, host.participantId)]).toEqual([definition.type, others]);
    }
    expect(callEvents.filter((e) => e.visibility === 'addressee')).toHaveLength(9);
    const odd = (data: object) => ({ type: 'call.whispered', data }) as unknown as CallEvent;
    const whispered = odd({ to: second.participantId });
    expect([second, third].map((p) => visibleTo(whispered, p.participantId))).toEqual([true, false]);
    expect(visibleTo(odd({}), third.participantId)).toBe(true);
  });

  it('[VI2] people get events without the command behind them', () => {
    const [event] = play(played(create, join(host), join(second)), offer).events;
    const { cause, ...data } = event!.data;
    expect(cause).toBeDefined();
    expect(withoutCause(deepFreeze(event!))).toEqual({ ...event, data });
    expect(withoutCause(event!).data).not.toHaveProperty('cause');
  });

  it('[VI3] who made it or was in it took part', () => {
    const { view } = given(created(), joined(second), left(second)).state;
    expect(tookPart(view!, host.userId)).toBe(true);
    expect(tookPart(view!, second.userId)).toBe(true);
    expect(tookPart(view!, third.userId)).toBe(false);
  });
});

describe('summary', () => {
  it('[SU1] names everybody once and counts who is there', () => {
    const namesake = { ...third, displayName: 'second' };
    const { view } = given(
      created({ name: 'Daily' }),
      joined(second),
      joined(host),
      joined(namesake),
      left(second),
    ).state;
    expect(summarize(view!)).toEqual({
      callId,
      status: 'open',
      name: 'Daily',
      createdBy: 'host',
      createdAt: start,
      people: ['second', 'host'],
      participantsNow: 2,
      seq: 5,
    });
    const crowd = Array.from({ length: limits.summaryPeopleMax + 1 }, (_, i) => person(i, `user-${i}`));
    const many = given(created(), ...crowd.flatMap((p) => [joined(p), left(p)])).state.view!;
    expect(summarize(many).people).toEqual(crowd.slice(0, -1).map((p) => p.displayName));
    const over = given(created(), fact('call.ended', { reason: 'nobody-came' })).state.view!;
    expect(summarize(over)).toMatchObject({ status: 'ended', endedAt: start, endReason: 'nobody-came' });
  });
});

describe('the envelope', () => {
  it('[ENV1] says what, when, in which order and why', () => {
    const bodies = [left(host, 'call-ended'), left(second, 'call-ended')];
    const { traceparent } = offer;
    const events = toEvents(ask(host, 'call.end', {}, { traceparent }), bodies, {
      seq: 7,
      now: start + 1,
      codeVersion,
    });
    const envelope = {
      specversion: '1.0',
      source: '/calls',
      type: 'call.participant.left',
      subject: callId,
      time: timeOfMs(start + 1),
      tenantid: 'default',
      partitionkey: callId,
      causationid: uuid(1),
      correlationid: uuid(2),
      traceparent,
      schemaversion: 1,
      codeversion: 'test',
    };
    expect(events.map((event) => ({ ...event, data: undefined }))).toEqual([
      { ...envelope, id: `${callId}/8`, sequence: 8 },
      { ...envelope, id: `${callId}/9`, sequence: 9 },
    ]);
  });

  it('[ENV2] the first event carries its command, without what it says itself', () => {
    const { events } = play(played(create, join(host), join(second)), ask(host, 'call.end', {}));
    expect(events.map((e) => e.data.cause?.command)).toEqual(['call.end', undefined, undefined]);
    expect(commandOf(events[1]!)).toBeUndefined();
    const [offered] = play(played(create, join(host), join(second)), offer).events;
    expect(offered!.data.cause).toMatchObject({ same: ['to', 'connectionId', 'sdp'], data: {} });
    const elsewhere = { ...join(host), sessionId: uuid(0xc0ff) };
    const [back] = play(played(create, join(host)), elsewhere).events;
    expect(back!.data.cause).toMatchObject({
      same: ['participantId', 'instanceId', 'gateway'],
      data: { displayName: 'host' },
    });
  });

  it('[ENV3] the command comes back as it was and decides the same', () => {
    const before = played(create, join(host), join(second));
    const commands = [
      offer,
      ask(host, 'call.publish', { track: camera }),
      ask(host, 'call.end', {}),
      { ...join(second), sessionId: uuid(0xc0ff) },
      ask(
        'system',
        'call.disconnect',
        { reason: 'gateway-lost' },
        {
          participantId: second.participantId,
          sessionId: second.sessionId,
        },
      ),
    ];
    for (const command of commands) {
      const { events } = play(before, command);
      const again = commandOf(JSON.parse(JSON.stringify(events[0])));
      expect(again).toEqual(command);
      expect(play(before, again!).events).toEqual(events);
    }
    expect(commandOf(play(initialState, create).events[0]!)).toEqual(create);
    expect(commandOf(history(created(), joined(second), published(second))[2]!)).toBeUndefined();
  });
});
