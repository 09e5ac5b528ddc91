import type { CandidatePair } from '../types.ts';

/** Any entry of an RTCStatsReport; every field is checked where it is used. */
export type Stats = Record<string, unknown> & { id: string; type: string };

export function entriesOf(report: RTCStatsReport): Map<string, Stats> {
  const entries = new Map<string, Stats>();
  report.forEach((entry: Stats, id: string) => entries.set(id, entry));
  return entries;
}

/** The pair in use, by W3C webrtc-stats sections 8.14, 8.16 and 8.17. Without addresses: they are personal. */
export function selectedPair(entries: ReadonlyMap<string, Stats>): CandidatePair | undefined {
  const pair = findPair(entries);
  const local = entries.get(String(pair?.['localCandidateId']));
  const remote = entries.get(String(pair?.['remoteCandidateId']));
  const localCandidateType = local?.['candidateType'];
  const remoteCandidateType = remote?.['candidateType'];
  if (pair === undefined || !isCandidateType(localCandidateType) || !isCandidateType(remoteCandidateType))
    return undefined;
  const relayProtocol = local?.['relayProtocol'];
  const roundTrip = pair['currentRoundTripTime'];
  return {
    localCandidateType,
    remoteCandidateType,
    protocol: local?.['protocol'] === 'tcp' ? 'tcp' : 'udp',
    ...(isRelayProtocol(relayProtocol) ? { relayProtocol } : {}),
    ...(typeof roundTrip === 'number' ? { currentRoundTripTime: roundTrip } : {}),
  };
}

/** What of a pair is worth a report when it changes. */
export function kindOf(pair: CandidatePair | undefined): string {
  return [pair?.localCandidateType, pair?.remoteCandidateType, pair?.protocol, pair?.relayProtocol].join();
}

function findPair(entries: ReadonlyMap<string, Stats>): Stats | undefined {
  const all = [...entries.values()];
  const transport = all.find((s) => s.type === 'transport' && s['selectedCandidatePairId'] !== undefined);
  if (transport !== undefined) return entries.get(String(transport['selectedCandidatePairId']));
  // Firefox has no transport statistics, and marks the pair itself.
  return all.find((s) => s.type === 'candidate-pair' && s['selected'] === true);
}

function isCandidateType(value: unknown): value is CandidatePair['localCandidateType'] {
  return value === 'host' || value === 'srflx' || value === 'prflx' || value === 'relay';
}

function isRelayProtocol(value: unknown): value is NonNullable<CandidatePair['relayProtocol']> {
  return value === 'udp' || value === 'tcp' || value === 'tls';
}
