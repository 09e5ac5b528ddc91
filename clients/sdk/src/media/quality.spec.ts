import { describe, expect, it } from 'vitest';
import { entriesOf, selectedPair, type Stats } from './candidate-pair.ts';
import { grade, type Measures } from './quality.ts';

const fine: Measures = {
  connectionState: 'connected',
  packetsLost: 0,
  packetsReceived: 100,
  freezeCount: 0,
  bitrateIn: 1,
  bitrateOut: 1,
  fractionLostThere: 0,
  concealedSamples: 0,
  framesDropped: 0,
};

describe('the word for a connection', () => {
  it.each<[Partial<Measures>, string, string]>([
    [{}, 'good', 'The connection is good.'],
    [{ packetsLost: 3, packetsReceived: 97 }, 'fair', '3 % of what they send is lost.'],
    [{ fractionLostThere: 0.2 }, 'poor', '20 % of what you send is lost.'],
    [{ currentRoundTripTime: 0.4 }, 'fair', 'Every word takes 200 ms to arrive.'],
    [{ jitter: 0.2 }, 'poor', 'What they send arrives unevenly.'],
    [{ freezeCount: 1 }, 'fair', 'Their picture froze.'],
    [{ connectionState: 'disconnected' }, 'lost', 'There is no connection at the moment.'],
    [{ connectionState: 'failed' }, 'lost', 'The connection is lost. It is being made again.'],
    [{ currentRoundTripTime: 0.4, freezeCount: 3 }, 'poor', 'Their picture froze.'],
  ])('%o: %s', (measured, word, reason) => expect(grade({ ...fine, ...measured })).toEqual({ word, reason }));

  it('does not complain of loss where nothing was sent', () => {
    expect(grade({ ...fine, packetsReceived: 0 }).word).toBe('good');
  });
});

describe('the pair in use', () => {
  const local = { id: 'L', type: 'local-candidate', candidateType: 'host', protocol: 'tcp' };
  const remote = { id: 'R', type: 'remote-candidate', candidateType: 'prflx', protocol: 'tcp' };
  const pair = { id: 'P', type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R' };
  const of = (...entries: Stats[]) =>
    selectedPair(entriesOf(new Map(entries.map((e) => [e.id, e])) as unknown as RTCStatsReport));

  it('is found by its mark where there are no transport statistics (Firefox)', () => {
    const expected = { localCandidateType: 'host', remoteCandidateType: 'prflx', protocol: 'tcp' };
    expect(of({ ...pair, selected: true }, local, remote)).toEqual(expected);
  });

  it('is not made up where there is none yet', () => {
    expect(of({ ...pair, selected: false }, local, remote)).toBeUndefined();
  });
});
