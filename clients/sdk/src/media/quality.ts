import type { QualitySample } from '@ringback/schemas';
import type { PeerQuality } from '../types.ts';
import { selectedPair, type Stats } from './candidate-pair.ts';

/** What is summed up since the connection began; a sample is the difference of two. */
const incomingSums = [
  'packetsLost',
  'packetsReceived',
  'bytesReceived',
  'freezeCount',
  'concealedSamples',
  'framesDropped',
] as const;
type Totals = Record<(typeof incomingSums)[number] | 'bytesSent' | 'atMs', number>;

export type Measures = Omit<PeerQuality, 'participantId' | 'word' | 'reason'> & {
  /** Share of what we sent that did not arrive, 0 to 1, as the other side reports it. */
  fractionLostThere: number;
  availableOutgoingBitrate?: number;
  qualityLimitationReason?: NonNullable<QualitySample['qualityLimitationReason']>;
  /** Since the last sample. */
  concealedSamples: number;
  framesDropped: number;
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

/** Measures one connection, or what of it belongs to one person, again and again. */
export class QualityMeter {
  #before: Totals | undefined;

  /** `entries`: a report, or as much of it as is meant. */
  measure(
    entries: ReadonlyMap<string, Stats>,
    connectionState: RTCPeerConnectionState,
    nowMs: number,
  ): Measures {
    const all = [...entries.values()];
    const incoming = all.filter((s) => s.type === 'inbound-rtp');
    const outgoing = all.filter((s) => s.type === 'outbound-rtp');
    const now = totalsOf(incoming, outgoing, nowMs);
    const before = this.#before ?? now;
    this.#before = now;
    const since = (name: keyof Totals) => Math.max(0, now[name] - before[name]);
    const seconds = Math.max(since('atMs') / 1000, 0.001);
    const pair = selectedPair(entries);
    const limitation = outgoing.map((s) => s['qualityLimitationReason']).find(isLimitation);
    return {
      connectionState,
      ...(pair === undefined ? {} : { pair }),
      ...optional('currentRoundTripTime', pair?.currentRoundTripTime),
      ...optional('availableOutgoingBitrate', availableOf(all)),
      ...optional('jitter', most(incoming, 'jitter')),
      ...optional('qualityLimitationReason', limitation),
      ...pictureOf(incoming),
      packetsLost: since('packetsLost'),
      packetsReceived: since('packetsReceived'),
      freezeCount: since('freezeCount'),
      concealedSamples: since('concealedSamples'),
      framesDropped: since('framesDropped'),
      bitrateIn: Math.round((since('bytesReceived') * 8) / seconds),
      bitrateOut: Math.round((since('bytesSent') * 8) / seconds),
      fractionLostThere: lossThere(all),
    };
  }
}

/** What a person is told of the measures. */
export function qualityOf(
  participantId: string,
  measures: Measures,
  complaints: readonly Complaint[] = [],
): PeerQuality {
  const { fractionLostThere: _, qualityLimitationReason: __, concealedSamples: ___, ...rest } = measures;
  const { framesDropped: ____, availableOutgoingBitrate: _____, ...shown } = rest;
  return { participantId, ...grade(measures, complaints), ...shown };
}

/** The same for telemetry. */
export function sampleOf(leg: QualitySample['leg'], measures: Measures): QualitySample {
  const { fractionLostThere: fractionLost, ...rest } = measures;
  return { leg, ...rest, fractionLost: Math.max(0, fractionLost) };
}

export interface Complaint {
  word: 'fair' | 'poor';
  reason: string;
}

/** A word for the measures, and the worst of the reasons in words for the person. */
export function grade(
  measures: Measures,
  more: readonly Complaint[] = [],
): Pick<PeerQuality, 'word' | 'reason'> {
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
    ...more,
  ];
  const worst = complaints.find((c) => c?.word === 'poor') ?? complaints.find((c) => c !== undefined);
  return worst ?? { word: 'good', reason: 'The connection is good.' };
}

function judge(value: number, limit: { fair: number; poor: number }, reason: string): Complaint | undefined {
  if (value < limit.fair) return undefined;
  return { word: value < limit.poor ? 'fair' : 'poor', reason };
}

function totalsOf(incoming: readonly Stats[], outgoing: readonly Stats[], atMs: number): Totals {
  const sums = incomingSums.map((name) => [name, sum(incoming, name)] as const);
  return { ...(Object.fromEntries(sums) as Totals), bytesSent: sum(outgoing, 'bytesSent'), atMs };
}

/** The sender's estimate stands in the pair in use; other pairs have none, or an old one. */
function availableOf(all: readonly Stats[]): number | undefined {
  const estimates = all.filter(
    (s) => s.type === 'candidate-pair' && typeof s['availableOutgoingBitrate'] === 'number',
  );
  const inUse = estimates.find((s) => s['nominated'] === true) ?? estimates[0];
  return inUse === undefined ? undefined : numberOf(inUse, 'availableOutgoingBitrate');
}

function lossThere(all: readonly Stats[]): number {
  const reports = all.filter((s) => s.type === 'remote-inbound-rtp');
  return most(reports, 'fractionLost') ?? 0;
}

function isLimitation(value: unknown): value is NonNullable<QualitySample['qualityLimitationReason']> {
  return value === 'none' || value === 'cpu' || value === 'bandwidth' || value === 'other';
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
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
