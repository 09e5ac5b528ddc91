import type { CommandData, ConsumerDescription } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import type { MediaCommandType } from './commands.ts';
import { limits } from './limits.ts';
import type { LiveConsumer, LiveEndpoint } from './live.ts';
import { announce } from './opening.ts';

const about = { callId: 'call', tenantId: 'default' };
const transport = { closed: false };
const endpoint = (name: string) =>
  ({
    ...{ participantId: name, instanceId: `page of ${name}`, epoch: 1 },
    ...{ send: transport, recv: transport },
  }) as unknown as LiveEndpoint;
const consumers = (of: LiveEndpoint, count: number, parameters: string): LiveConsumer[] =>
  Array.from(
    { length: count },
    (_, n) =>
      ({
        endpoint: of,
        from: { endpoint: endpoint('sender'), trackId: 'camera', kind: 'video' },
        consumer: {
          id: `${of.participantId}-${n}`,
          producerId: 'p',
          closed: false,
          rtpParameters: parameters,
        },
      }) as unknown as LiveConsumer,
  );
const ids = (descriptions: readonly ConsumerDescription[]) => descriptions.map((c) => c.consumerId);

describe('what is announced', () => {
  it('is cut by its bytes, in order; what does not fit with new transports follows them', () => {
    const said: { type: MediaCommandType; data: unknown }[] = [];
    const [fresh, there] = [endpoint('fresh'), endpoint('there')];
    const large = 'é'.repeat(limits.consumersBytesPerCommand / 8);
    const mine = consumers(fresh, 7, large);
    const theirs = consumers(there, 2, large);
    announce((_, type, data) => said.push({ type, data }), about, {
      endpoints: [fresh],
      consumers: [...mine, ...theirs],
    });
    for (const { data } of said)
      expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(limits.consumersBytesPerCommand + 2_000);
    const [transports, ...more] = said;
    expect(transports?.type).toBe('call.transports');
    expect(ids((transports!.data as CommandData<'call.transports'>).consumers)).toHaveLength(3);
    const offers = more.map(({ data }) => data as CommandData<'call.consumers'>);
    expect(offers.every(({ to, instanceId }) => instanceId === `page of ${to}`)).toBe(true);
    const all = [
      ...(transports!.data as CommandData<'call.transports'>).consumers,
      ...offers.flatMap((offer) => offer.consumers),
    ];
    expect(ids(all).sort()).toEqual([...mine, ...theirs].map(({ consumer }) => consumer.id).sort());
  });

  it('is one command for each who has something new', () => {
    const said: MediaCommandType[] = [];
    const [one, two] = [endpoint('one'), endpoint('two')];
    announce((_, type) => said.push(type), about, {
      endpoints: [],
      consumers: [...consumers(one, 2, ''), ...consumers(two, 2, '')],
    });
    expect(said).toEqual(['call.consumers', 'call.consumers']);
  });
});
