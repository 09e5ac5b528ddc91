import { gatewayRef } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { GatewayList } from './gateway-list.ts';
import { limits } from './limits.ts';

const batch = (gateway: string, follow: string[], unfollow: string[] = []) => ({
  gateway,
  incarnation: '1',
  link: 1,
  batch: 0,
  commands: [],
  follow,
  unfollow,
});
const beat = (gateway: string, incarnation = '1') => ({ gateway, incarnation });
const of = (list: GatewayList, callId: string) => [...list.followersOf(callId)].sort();

describe('GatewayList', () => {
  it('knows who follows what', () => {
    const list = new GatewayList();
    list.follow(batch('a', ['x', 'y']));
    list.follow(batch('b', ['x']));
    list.follow(batch('a', [], ['y']));
    expect(of(list, 'x')).toEqual(['a', 'b']);
    expect(of(list, 'y')).toEqual([]);
    expect(of(list, 'z')).toEqual([]);
  });

  it('another life of a gateway follows nothing yet', () => {
    const list = new GatewayList();
    list.hear(beat('a'), 0);
    list.follow(batch('a', ['x']));
    list.hear(beat('a'), 1);
    expect(of(list, 'x')).toEqual(['a']);
    list.hear(beat('a', '2'), 2);
    expect(of(list, 'x')).toEqual([]);
  });

  it('a life is over when it was not heard for so long, or when another began', () => {
    const list = new GatewayList();
    expect(list.isAlive(gatewayRef('a', '1'), 0)).toBe(false);
    list.hear(beat('a'), 0);
    expect(list.isAlive(gatewayRef('a', '1'), limits.gatewaySilentMs)).toBe(true);
    expect(list.isAlive(gatewayRef('a', '1'), limits.gatewaySilentMs + 1)).toBe(false);
    expect(list.isAlive(gatewayRef('a', '2'), 0)).toBe(false);
  });

  it('forgets gateways that went silent, and what they followed', () => {
    const list = new GatewayList();
    list.hear(beat('a'), 0);
    list.hear(beat('b'), 1);
    list.follow(batch('a', ['x']));
    list.follow(batch('b', ['x']));
    list.prune(limits.gatewaySilentMs);
    expect(of(list, 'x')).toEqual(['a', 'b']);
    list.prune(limits.gatewaySilentMs + 1);
    expect(of(list, 'x')).toEqual(['b']);
    expect(list.isAlive(gatewayRef('a', '1'), 0)).toBe(false);
  });

  it('takes batches in order, asks again once a link, and ignores stragglers', () => {
    const list = new GatewayList();
    list.hear(beat('a'), 0);
    const order = (link: number, n: number) => list.order({ ...batch('a', []), link, batch: n });
    expect(order(1, 0)).toBe('take');
    expect(order(1, 1)).toBe('take');
    expect(order(1, 1)).toBe('ignore');
    expect(order(1, 3)).toBe('again');
    expect(order(1, 4)).toBe('ignore');
    expect(order(2, 0)).toBe('take');
    expect(order(1, 2)).toBe('ignore');
    expect(order(2, 1)).toBe('take');
    expect(order(2, 3)).toBe('again');
    list.hear(beat('a', '2'), 1);
    expect(order(1, 5)).toBe('again');
    expect(order(1, 0)).toBe('take');
  });

  it('knows the Call Servers that were heard lately, as they last said', () => {
    const list = new GatewayList();
    list.hear({ ...beat('edge'), region: 'home' }, 0);
    list.hear({ ...beat('media'), region: 'home', load: 0.2 }, 0);
    list.hear({ ...beat('media'), region: 'home', load: 0.3 }, 1);
    // A batch says nothing of its load.
    list.hear(batch('media', []), 2);
    const media = { gateway: gatewayRef('media', '1'), region: 'home', load: 0.3 };
    expect(list.callServers(2 + limits.gatewaySilentMs)).toEqual([media]);
    expect(list.callServers(3 + limits.gatewaySilentMs)).toEqual([]);
    expect(list.regionOf(gatewayRef('edge', '1'))).toBe('home');
    expect(list.regionOf(gatewayRef('other', '1'))).toBeUndefined();
  });

  it('a Call Server that has nothing left to take calls with is none', () => {
    const list = new GatewayList();
    list.hear({ ...beat('media'), region: 'home', load: 0.2 }, 0);
    list.hear({ ...beat('media'), region: 'home' }, 1);
    expect(list.callServers(1)).toEqual([]);
    expect(list.isAlive(gatewayRef('media', '1'), 1)).toBe(true);
    list.hear({ ...beat('media'), region: 'home', load: 0 }, 2);
    expect(list.callServers(2)).toHaveLength(1);
  });

  it('another life of a Call Server replaces it, and takes calls once it said so', () => {
    const list = new GatewayList();
    list.hear({ ...beat('media'), region: 'home', load: 0 }, 0);
    expect(list.isReplaced(gatewayRef('media', '1'))).toBe(false);
    list.hear(beat('media', '2'), 1);
    expect(list.isReplaced(gatewayRef('media', '1'))).toBe(true);
    expect(list.callServers(1)).toEqual([]);
    // Not heard is not replaced.
    expect(list.isReplaced(gatewayRef('other', '1'))).toBe(false);
  });

  it('hears so many at a time, and no more', () => {
    const list = new GatewayList();
    for (let n = 0; n < limits.gatewaysMax; n++) list.hear(beat(`a${n}`), 0);
    list.hear(beat('one-more'), 1);
    expect(list.isAlive(gatewayRef('one-more', '1'), 1)).toBe(false);
    expect(list.order({ ...batch('one-more', []) })).toBe('ignore');
    list.hear(beat('a0'), 1);
    list.prune(limits.gatewaySilentMs + 1);
    list.hear(beat('one-more'), limits.gatewaySilentMs + 2);
    expect(list.isAlive(gatewayRef('one-more', '1'), limits.gatewaySilentMs + 2)).toBe(true);
  });

  it('drops a call that is over', () => {
    const list = new GatewayList();
    list.follow(batch('a', ['x']));
    list.dropCall('x');
    expect(of(list, 'x')).toEqual([]);
  });
});
