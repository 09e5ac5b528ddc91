import type { PeerQuality } from '../types.ts';
import { entriesOf, selectedPair, type Stats } from './candidate-pair.ts';

/** Sums since the connection began; a sample is the difference of two. */
interface Totals {
  atMs: number;
  packetsLost: number;
  packetsReceived: number;
  bytesReceived: number;
  bytesSent: number;
  freezeCount: number;
}

export type Measures = Omit<PeerQuality, 'participantId' | 'word' | 'reason'> & {
  /** Share of what we sent that did not arrive, 0 to 1, as the other side reports it. */
  fractionLostThere: number;
};

/** From which value on a call is worse than good, and why. */
export const qualityLimits = {
  /** Share of packets lost: with 2 % concealment is heard now and then, with 8 % words go missing. */
  loss: { fair: 0.02, poor: 0.08 },
  /** Round trip, seconds: ITU-T G.114 calls 150 ms one way good; from 300 ms people interrupt each other. */
  roundTrip: { fair: 0.3, poor: 0.6 },
  /** Seconds: jitter buffers that grow past 50 ms add delay that is felt. */
  jitter: { fair: 0.05, poor: 0.15 },
} as const;

/** Measures one peer connection, again and again. */
export class QualityMeter {
  #before: Totals | undefined;

  async measure(pc: RTCPeerConnection, nowMs: number): Promise<Measures> {
    const entries = entriesOf(await pc.getStats());
    const all = [...entries.values()];
    const incoming = all.filter((s) => s.type === 'inbound-rtp');
    const now = totalsOf(all, incoming, nowMs);
    const before = this.#before ?? now;
    this.#before = now;
    const pair = selectedPair(entries);
    const seconds = Math.max((now.atMs - before.atMs) / 1000, 0.001);
    const roundTrip = pair?.currentRoundTripTime;
    const jitter = most(incoming, 'jitter');
    return {
      connectionState: pc.connectionState,
      ...(pair === undefined ? {} : { pair }),
      ...(roundTrip === undefined ? {} : { currentRoundTripTime: roundTrip }),
      ...(jitter === undefined ? {} : { jitter }),
      ...pictureOf(incoming),
      packetsLost: Math.max(0, now.packetsLost - before.packetsLost),
      packetsReceived: Math.max(0, now.packetsReceived - before.packetsReceived),
      freezeCount: Math.max(0, now.freezeCount - before.freezeCount),
      bitrateIn: Math.max(0, Math.round(((now.bytesReceived - before.bytesReceived) * 8) / seconds)),
      bitrateOut: Math.max(0, Math.round(((now.bytesSent - before.bytesSent) * 8) / seconds)),
      fractionLostThere:
        most(
          all.filter((s) => s.type === 'remote-inbound-rtp'),
          'fractionLost',
        ) ?? 0,
    };
  }
}

/** A word for the measures, and the worst of the reasons in words for the person. */
export function grade(measures: Measures): Pick<PeerQuality, 'word' | 'reason'> {
  if (measures.connectionState === 'failed')
    return { word: 'lost', reason: 'The connection is lost. It is being made again.' };
  if (measures.connectionState !== 'connected')
    return { word: 'lost', reason: 'There is no connection at the moment.' };
  const { loss, roundTrip, jitter } = qualityLimits;
  const expected = measures.packetsLost + measures.packetsReceived;
  const lossHere = expected === 0 ? 0 : measures.packetsLost / expected;
  const rtt = measures.currentRoundTripTime ?? 0;
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const complaints = [
    judge(lossHere, loss, `${percent(lossHere)} of what they send is lost.`),
    judge(
      measures.fractionLostThere,
      loss,
      `${percent(measures.fractionLostThere)} of what you send is lost.`,
    ),
    judge(rtt, roundTrip, `Every word takes ${Math.round(rtt * 500)} ms to arrive.`),
    judge(measures.jitter ?? 0, jitter, 'What they send arrives unevenly.'),
    judge(measures.freezeCount, { fair: 1, poor: 2 }, 'Their picture froze.'),
  ];
  const worst = complaints.find((c) => c?.word === 'poor') ?? complaints.find((c) => c !== undefined);
  return worst ?? { word: 'good', reason: 'The connection is good.' };
}

function judge(value: number, limit: { fair: number; poor: number }, reason: string) {
  if (value < limit.fair) return undefined;
  return { word: value < limit.poor ? ('fair' as const) : ('poor' as const), reason };
}

function totalsOf(all: readonly Stats[], incoming: readonly Stats[], atMs: number): Totals {
  const outgoing = all.filter((s) => s.type === 'outbound-rtp');
  return {
    atMs,
    packetsLost: sum(incoming, 'packetsLost'),
    packetsReceived: sum(incoming, 'packetsReceived'),
    bytesReceived: sum(incoming, 'bytesReceived'),
    bytesSent: sum(outgoing, 'bytesSent'),
    freezeCount: sum(incoming, 'freezeCount'),
  };
}

function pictureOf(
  incoming: readonly Stats[],
): Pick<Measures, 'frameWidth' | 'frameHeight' | 'framesPerSecond'> {
  const area = (s: Stats) => numberOf(s, 'frameWidth') * numberOf(s, 'frameHeight');
  const largest = incoming.filter((s) => area(s) > 0).sort((a, b) => area(b) - area(a))[0];
  if (largest === undefined) return {};
  return {
    frameWidth: numberOf(largest, 'frameWidth'),
    frameHeight: numberOf(largest, 'frameHeight'),
    framesPerSecond: numberOf(largest, 'framesPerSecond'),
  };
}

function numberOf(entry: Stats, name: string): number {
  const value = entry[name];
  return typeof value === 'number' ? value : 0;
}

function sum(entries: readonly Stats[], name: string): number {
  return entries.reduce((total, entry) => total + numberOf(entry, name), 0);
}

function most(entries: readonly Stats[], name: string): number | undefined {
  return entries.length === 0 ? undefined : Math.max(...entries.map((entry) => numberOf(entry, name)));
}
