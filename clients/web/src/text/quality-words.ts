import type { ParticipantView, Route } from '@ringback/schemas';
import type { CandidatePair, PeerQuality } from '@ringback/sdk';

export type QualityWord = PeerQuality['word'];

/** What a badge shows: the word, and all reasons for it as sentences. */
export interface Quality {
  word: QualityWord;
  reasons: readonly string[];
}

/** What was measured and what they decided about their camera; undefined while nothing is known. */
export function qualityOf(
  measured: Pick<PeerQuality, 'word' | 'reason'> | undefined,
  bandwidth: ParticipantView['bandwidth'],
): Quality | undefined {
  if (bandwidth !== 'audio-only') return measured && { word: measured.word, reasons: [measured.reason] };
  const paused = 'Their camera is paused: their connection does not carry it.';
  // "The connection is good" next to that would only confuse.
  if (measured === undefined || measured.word === 'good') return { word: 'poor', reasons: [paused] };
  const word = measured.word === 'lost' ? 'lost' : 'poor';
  return { word, reasons: [measured.reason, paused] };
}

/** `280 kbit/s`, `1.2 Mbit/s`. */
export function bitrateWords(bitsPerSecond: number): string {
  if (bitsPerSecond >= 999_500) return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}

/** Which way media takes: "Direct connection", "Through a relay (TURN over TCP)". */
export function routeWords(kind: Route['kind'], pair: CandidatePair | undefined): string {
  const relay = relayWords(pair);
  if (kind === 'call-server') {
    if (relay !== undefined) return `Through the Call Server, by ${relay}`;
    return pair?.protocol === 'tcp' ? 'Through the Call Server (over TCP)' : 'Through the Call Server';
  }
  if (relay !== undefined) return `Through ${relay}`;
  return pair?.protocol === 'tcp' ? 'Direct connection (over TCP)' : 'Direct connection';
}

function relayWords(pair: CandidatePair | undefined): string | undefined {
  if (pair?.localCandidateType === 'relay')
    return pair.relayProtocol === undefined
      ? 'a relay (TURN)'
      : `a relay (TURN over ${pair.relayProtocol.toUpperCase()})`;
  return pair?.remoteCandidateType === 'relay' ? 'a relay (TURN) at their end' : undefined;
}

/** `under 1 ms`, `84 ms`. */
export function roundTripWords(seconds: number): string {
  const ms = Math.round(seconds * 1000);
  return ms < 1 ? 'under 1 ms' : `${ms} ms`;
}
