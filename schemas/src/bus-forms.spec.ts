import { describe, expect, it } from 'vitest';
import { busForms, faultIn } from './bus-forms.ts';

const callId = '03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';
const uuid = '00000000-0000-4000-8000-000000000001';
const gateway = { gateway: 'edge-1', incarnation: uuid };
const none = { replies: [], events: [] };

describe('what comes over the bus', () => {
  it.each([
    ['beat', gateway],
    ['beat', { ...gateway, region: 'local', load: 0.2 }],
    ['batch', { ...gateway, link: 1, batch: 0, commands: [], follow: [callId], unfollow: [] }],
    ['feed', { partition: 3, epoch: 7, ...none, again: true }],
    ['head', { partition: 3, epoch: 7, owner: 'calls-1/x', heads: { [callId]: 4 } }],
    ['workerBeat', { worker: 'calls-1', incarnation: uuid, steadyMs: 0, partitions: [0], draining: false }],
    ['workerQuestion', { ask: 'hand-over', partition: 3, to: 'calls-2' }],
    ['question', { ask: 'events', callId, after: 0, limit: 1_000 }],
    ['mediaSignal', { callId, participantId: uuid, sessionId: uuid, samples: [{ leg: 'send' }] }],
  ] as const)('%s: may have a field more', (form, message) => {
    expect(busForms[form].safeParse(message).success).toBe(true);
    expect(busForms[form].safeParse({ ...message, more: 1 }).success).toBe(true);
  });

  it.each([
    ['beat', null, 'nothing'],
    ['beat', { ...gateway, gateway: 'edge 1\r\nPUB x' }, 'a name that is none'],
    ['beat', { ...gateway, gateway: '*' }, 'a name that is a wildcard'],
    ['beat', { ...gateway, load: 'full' }, 'a load in words'],
    ['batch', { ...gateway, link: 1, batch: 0, follow: [], unfollow: [] }, 'no commands'],
    [
      'batch',
      { ...gateway, link: 1, batch: 0, commands: [{ ref: 1 }], follow: [], unfollow: [] },
      'no command',
    ],
    ['batch', { ...gateway, link: -1, batch: 0, commands: [], follow: [], unfollow: [] }, 'a link below 0'],
    ['feed', { partition: 3, epoch: 1e308, ...none }, 'an epoch that is no number of the log'],
    ['feed', { partition: '3', epoch: 7, ...none }, 'a partition in words'],
    ['feed', { partition: 3, epoch: 7, replies: [], events: [{}] }, 'an event without an envelope'],
    [
      'feed',
      { partition: 3, epoch: 7, replies: [{ ref: 1, ok: false, callId }], events: [] },
      'a no without why',
    ],
    ['head', { partition: 3, epoch: 7, owner: 'x', heads: { [callId]: 'x' } }, 'a head in words'],
    ['workerQuestion', { ask: 'hand-over', partition: 3 }, 'nobody to hand over to'],
    ['question', { ask: 'everything' }, 'a question that is none'],
    ['question', { ask: 'events', callId, after: {}, limit: 1 }, 'a place that is none'],
    ['mediaSignal', { callId, participantId: uuid, sessionId: uuid, tiles: { a: 1 } }, 'a size that is none'],
  ] as const)('%s: not %j, %s', (form, message, what) => {
    expect(busForms[form].safeParse(message).success, what).toBe(false);
  });
});

describe('faultIn', () => {
  const command = {
    id: uuid,
    type: 'call.offer',
    callId,
    tenantId: 'default',
    actor: { kind: 'user', userId: 'host', guest: false, admin: false },
    sessionId: uuid,
    participantId: uuid,
    receivedTime: '2025-11-19T18:24:34.816Z',
    correlationId: uuid,
    data: { to: uuid, connectionId: 'ab', sdp: 'v=0\r\n' },
  };

  it('finds nothing in what this code knows, or newer code may', () => {
    expect(faultIn(command)).toBeUndefined();
    expect(faultIn({ ...command, more: 1 } as object)).toBeUndefined();
    const longer = { ...command, data: { ...command.data, sdp: `v=0${'x'.repeat(100_000)}` } };
    expect(faultIn(longer)).toBeUndefined();
  });

  it.each([
    ['no actor', { actor: undefined }, 'actor'],
    ['an actor of no kind', { actor: { kind: 'god' } }, 'actor.kind'],
    ['a call that is none', { callId: '03' }, 'callId'],
    ['a tenant that is none', { tenantId: 7 }, 'tenantId'],
    ['a time that is none', { receivedTime: 'now' }, 'receivedTime'],
    ['data of another form', { data: { ...command.data, sdp: {} } }, 'data.sdp'],
    ['a part of the data missing', { data: { to: uuid, connectionId: 'ab' } }, 'data.sdp'],
    ['no data', { data: null }, 'data'],
  ])('%s', (_, more, field) => {
    expect(faultIn({ ...command, ...more })).toMatchObject({ code: 'invalid', field });
    // Of a type of newer code the envelope is looked at, and that there is data.
    const strange = faultIn({ ...command, ...more, type: 'call.levitate' });
    expect(strange?.code).toBe(field.startsWith('data.') ? 'unknown_type' : 'invalid');
  });

  it.each(['call.levitate', 'constructor', '__proto__'])('says which type is not known: %s', (type) => {
    expect(faultIn({ ...command, type })).toMatchObject({ code: 'unknown_type', field: 'type' });
  });

  it('takes no number beyond its bound: what is counted by it would be for ever', () => {
    const data = { guestsAllowed: true, participantsMax: 4, durationMsMax: 1e15, emptyTimeoutMs: 0 };
    const create: object = { ...command, type: 'call.create', data };
    expect(faultIn(create)).toMatchObject({
      code: 'invalid',
      field: 'data.durationMsMax',
    });
  });

  it('takes nothing for a type that is no text', () => {
    expect(faultIn({ ...command, type: 7 as never })).toMatchObject({ code: 'invalid', field: 'type' });
  });
});
