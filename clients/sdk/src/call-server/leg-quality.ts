import type { CallEvent, QualitySample } from '@ringback/schemas';
import type { LegMeasures } from '../media/leg.ts';
import { QualityMeter, qualityOf, sampleOf, type Complaint, type Measures } from '../media/quality.ts';
import { keyOf } from '../media/route.ts';
import { Incoming, type Received } from './incoming.ts';
import type { TransportPair } from './transport-pair.ts';

type LayersChanged = Extract<CallEvent, { type: 'call.layers.changed' }>['data'];

/**
 * Measures a leg through the Call Server: of everybody their streams on the one path they share, of oneself the way
 * up, and why the Call Server sends less than there is.
 */
export class LegQuality {
  readonly #participantId: string;
  readonly #meters = new Map<string, QualityMeter>();
  readonly #layers = new Map<string, LayersChanged>();

  constructor(participantId: string) {
    this.#participantId = participantId;
  }

  layersChanged(change: LayersChanged): void {
    this.#layers.set(keyOf(change), change);
  }

  async measure(pair: TransportPair, nowMs: number): Promise<LegMeasures> {
    const measures: LegMeasures = { people: [], samples: [] };
    try {
      const [sent, received] = await Promise.all([pair.entries('send'), pair.entries('recv')]);
      const meter = (name: string) => this.#meterOf(name);
      const people = byPerson(pair.received);
      this.#forgetOthers(people);
      const recvState = pair.stateOf('recv');
      for (const [participantId, theirs] of people) {
        const entries = Incoming.entriesFor(received, theirs);
        const measured = meter(participantId).measure(entries, recvState, nowMs);
        measures.people.push(qualityOf(participantId, measured, this.#complaintsAbout(theirs)));
      }
      const sides: [QualitySample['leg'] & ('send' | 'recv'), typeof sent][] = [
        ['send', sent],
        ['recv', received],
      ];
      for (const [side, entries] of sides) {
        const state = pair.stateOf(side);
        if (state === 'new') continue;
        const measured = meter(side).measure(entries, state, nowMs);
        measures.samples.push(sampleOf(side, measured));
        if (state === 'connected') pair.measured(side, measured.pair);
        if (side === 'send')
          measures.people.push(qualityOf(this.#participantId, measured, complaintsOfUplink(measured)));
      }
    } catch {
      // Statistics of transports that were closed just now.
    }
    return measures;
  }

  #meterOf(name: string): QualityMeter {
    const meter = this.#meters.get(name) ?? new QualityMeter();
    this.#meters.set(name, meter);
    return meter;
  }

  #forgetOthers(people: ReadonlyMap<string, unknown>): void {
    for (const name of this.#meters.keys())
      if (name !== 'send' && name !== 'recv' && !people.has(name)) this.#meters.delete(name);
    for (const [key, { participantId }] of this.#layers)
      if (!people.has(participantId)) this.#layers.delete(key);
  }

  #complaintsAbout(theirs: readonly Received[]): Complaint[] {
    return theirs.flatMap(({ description }) => {
      const change = this.#layers.get(keyOf(description));
      return change === undefined ? [] : (complaintOf(change) ?? []);
    });
  }
}

/** Why their picture is less than it could be; what one chose oneself (a small tile) is no complaint. */
function complaintOf({ decision, reason, samples }: LayersChanged): Complaint | undefined {
  if (reason !== 'downlink' && reason !== 'uplink') return undefined;
  const bitrate = samples['availableOutgoingBitrate'];
  const whose = reason === 'downlink' ? 'your' : 'their';
  const carries =
    bitrate === undefined || reason === 'uplink'
      ? `${whose} connection carries no more`
      : `${whose} connection carries ${kilobits(bitrate)}`;
  switch (decision) {
    case 'layer-down':
      return { word: 'fair', reason: `Their picture is smaller: ${carries}.` };
    case 'video-off':
    case 'audio-only':
      return { word: 'poor', reason: `Their picture is off: ${carries}.` };
    default:
      return undefined;
  }
}

function complaintsOfUplink({ qualityLimitationReason, availableOutgoingBitrate }: Measures): Complaint[] {
  if (qualityLimitationReason === 'cpu')
    return [{ word: 'fair', reason: 'Your picture is smaller: this device is busy.' }];
  if (qualityLimitationReason !== 'bandwidth' || availableOutgoingBitrate === undefined) return [];
  const carries = kilobits(availableOutgoingBitrate);
  return [{ word: 'fair', reason: `Your picture is smaller: your connection carries ${carries}.` }];
}

function kilobits(bitrate: number): string {
  return `${Math.round(bitrate / 1000)} kbit/s`;
}

function byPerson(received: readonly Received[]): Map<string, Received[]> {
  return Map.groupBy(received, ({ description }) => description.participantId);
}
