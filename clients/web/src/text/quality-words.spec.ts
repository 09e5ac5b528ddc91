import { describe, expect, it } from 'vitest';
import { bitrateWords, qualityOf, roundTripWords, routeWords } from './quality-words.ts';

const good = { word: 'good', reason: 'The connection is good.' } as const;
const lossy = { word: 'fair', reason: '3 % of their packets are lost.' } as const;
const lost = { word: 'lost', reason: 'There is no connection at the moment.' } as const;
const paused = 'Their camera is paused: their connection does not carry it.';

describe('quality', () => {
  it('is unknown before anything was measured or decided', () => {
    expect(qualityOf(undefined, undefined)).toBeUndefined();
    expect(qualityOf(undefined, 'video')).toBeUndefined();
  });

  it('is what was measured', () => {
    expect(qualityOf(lossy, 'video')).toEqual({ word: 'fair', reasons: [lossy.reason] });
  });

  it.each([
    [undefined, 'poor', [paused]],
    [good, 'poor', [paused]],
    [lossy, 'poor', [lossy.reason, paused]],
    [lost, 'lost', [lost.reason, paused]],
  ] as const)('with a paused camera, %o is %s', (measured, word, reasons) => {
    expect(qualityOf(measured, 'audio-only')).toEqual({ word, reasons });
  });
});

describe('the route in words', () => {
  const direct = { localCandidateType: 'host', remoteCandidateType: 'srflx', protocol: 'udp' } as const;
  const relayed = { ...direct, localCandidateType: 'relay', relayProtocol: 'tcp' } as const;
  it.each([
    ['p2p', undefined, 'Direct connection'],
    ['p2p', direct, 'Direct connection'],
    ['p2p', relayed, 'Through a relay (TURN over TCP)'],
    ['p2p', { ...direct, remoteCandidateType: 'relay' }, 'Through a relay (TURN) at their end'],
    ['call-server', direct, 'Through the Call Server'],
    ['call-server', { ...direct, protocol: 'tcp' }, 'Through the Call Server (over TCP)'],
    ['call-server', relayed, 'Through the Call Server, by a relay (TURN over TCP)'],
  ] as const)('%s %o', (kind, pair, words) => {
    expect(routeWords(kind, pair)).toBe(words);
  });
});

it('says figures as one would', () => {
  expect([bitrateWords(280_400), bitrateWords(999_600), bitrateWords(1_240_000)]).toEqual([
    '280 kbit/s',
    '1.0 Mbit/s',
    '1.2 Mbit/s',
  ]);
  expect([roundTripWords(0.0004), roundTripWords(0.0838)]).toEqual(['under 1 ms', '84 ms']);
});
