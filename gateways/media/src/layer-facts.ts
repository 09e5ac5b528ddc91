import { layerDecision, layerReason } from '@ringback/domain';
import type { Clock } from '@ringback/runtime';
import type { CommandData, Layers, QualitySample, Samples } from '@ringback/schemas';
import { limits } from './limits.ts';
import { estimateBandwidth, type LiveConsumer } from './live.ts';
import type { Viewing } from './viewing.ts';

interface Story {
  now: Layers | null;
  /** As last told. */
  told: Layers | null;
  /** What the viewer asked for then; undefined: nothing was told yet. */
  toldPreferred: Layers | null | undefined;
  nextAt: number;
  cancel: (() => void) | undefined;
}

export interface LayerFactsPorts {
  readonly clock: Clock;
  readonly viewing: Viewing;
  /** What the viewer's own client measured last. */
  readonly sampleOf: (participantId: string) => QualitySample | undefined;
  readonly tell: (data: CommandData<'call.layers'>) => void;
}

/**
 * What mediasoup really sends, as facts: when a viewer gets another spatial layer of a video, or none, with the cause
 * and the values that were known then. Temporal layers swing too often to be worth one. One fact in `layersEveryMs` for
 * a viewer and track, `layersPerCall` for the call; the last change is always told.
 */
export class LayerFacts {
  readonly #ports: LayerFactsPorts;
  readonly #stories = new Map<LiveConsumer, Story>();
  /** Due, and waiting for the call's turn, the longest first. */
  readonly #due = new Set<LiveConsumer>();
  #turn = { endsAt: -Infinity, told: 0 };
  #cancelTurn: (() => void) | undefined;

  constructor(ports: LayerFactsPorts) {
    this.#ports = ports;
  }

  add(live: LiveConsumer): void {
    const nextAt = this.#ports.clock.monotonic() + limits.layersFirstMs;
    const story: Story = { now: null, told: null, toldPreferred: undefined, nextAt, cancel: undefined };
    this.#stories.set(live, story);
    live.consumer.on('layerschange', (layers) => {
      story.now =
        layers === undefined
          ? null
          : { spatialLayer: layers.spatialLayer, temporalLayer: layers.temporalLayer ?? 0 };
      this.#soon(live, story);
    });
  }

  remove(live: LiveConsumer): void {
    this.#stories.get(live)?.cancel?.();
    this.#stories.delete(live);
    this.#due.delete(live);
    if (this.#due.size > 0) return;
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
  }

  #soon(live: LiveConsumer, story: Story): void {
    if (story.cancel !== undefined) return;
    const { clock } = this.#ports;
    const delayMs = Math.max(limits.layersEvidenceMs, story.nextAt - clock.monotonic());
    // What is told comes with what the worker estimates then.
    const cancels = [
      clock.after(delayMs - limits.layersEvidenceMs, () => void estimateBandwidth(live.endpoint)),
      clock.after(delayMs, () => {
        story.cancel = undefined;
        this.#due.add(live);
        this.#tellDue();
      }),
    ];
    story.cancel = () => cancels.forEach((cancel) => cancel());
  }

  #tellDue(): void {
    if (this.#cancelTurn !== undefined) return;
    const { clock } = this.#ports;
    const now = clock.monotonic();
    if (now >= this.#turn.endsAt) this.#turn = { endsAt: now + limits.layersCallMs, told: 0 };
    for (const live of this.#due) {
      if (this.#turn.told >= limits.layersPerCall) {
        this.#cancelTurn = clock.after(this.#turn.endsAt - now, () => {
          this.#cancelTurn = undefined;
          this.#tellDue();
        });
        return;
      }
      this.#due.delete(live);
      this.#tell(live, this.#stories.get(live)!);
    }
  }

  #tell(live: LiveConsumer, story: Story): void {
    const { clock, viewing, tell } = this.#ports;
    const change = layerDecision(story.told, story.now);
    if (change === undefined) return;
    this.#turn.told += 1;
    const preferred = viewing.preferred(live);
    const reason = layerReason({
      now: story.now,
      before: story.told,
      preferred,
      preferredBefore: story.toldPreferred,
      speaking: viewing.tile(live)?.speaking === true,
      producerScores: live.consumer.score.producerScores,
      ...bitrates(live),
    });
    const decision =
      change === 'video-off' && reason === 'downlink' && this.#isLastVideo(live) ? 'audio-only' : change;
    tell({
      to: live.endpoint.participantId,
      participantId: live.from.endpoint.participantId,
      trackId: live.from.trackId,
      epoch: live.endpoint.epoch,
      decision,
      layers: story.now,
      before: story.told,
      reason,
      samples: this.#samples(live, preferred),
    });
    story.told = story.now;
    story.toldPreferred = preferred;
    story.nextAt = clock.monotonic() + limits.layersEveryMs;
  }

  /** Does this viewer get no picture at all now, of those that are shown? */
  #isLastVideo(live: LiveConsumer): boolean {
    return [...live.endpoint.consumers].every((other) => {
      const story = this.#stories.get(other);
      return other.from.kind === 'audio' || story === undefined || story.now === null;
    });
  }

  #samples(live: LiveConsumer, preferred: Layers | null): Samples {
    const { consumer, endpoint } = live;
    const tile = this.#ports.viewing.tile(live);
    const client = this.#ports.sampleOf(endpoint.participantId);
    const { score, producerScore, producerScores } = consumer.score;
    return onlyNumbers({
      ...bitrates(live),
      score,
      producerScore,
      ...Object.fromEntries(
        producerScores.slice(0, 4).map((value, layer) => [`producerScore.${layer}`, value]),
      ),
      tileWidth: tile?.width,
      tileHeight: tile?.height,
      preferredSpatialLayer: preferred?.spatialLayer,
      currentRoundTripTime: client?.currentRoundTripTime,
      packetsLost: client?.packetsLost,
      jitter: client?.jitter,
    });
  }
}

function bitrates({ endpoint: { availableOutgoingBitrate, sendBitrate } }: LiveConsumer) {
  return { availableOutgoingBitrate, sendBitrate };
}

function onlyNumbers(values: Record<string, number | undefined>): Samples {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}
