import type { Layers, RtpParameters } from '@ringback/schemas';

/** How large a viewer shows a video, in device pixels; 0: not at all. */
export interface Tile {
  readonly width: number;
  readonly height: number;
  readonly speaking?: boolean | undefined;
}

/** What a video is sent in, smallest first. */
export interface LayerStack {
  /** How many times smaller than the whole picture each spatial layer is, each way. */
  readonly scales: readonly number[];
  readonly temporalLayers: number;
}

/** A camera's whole picture where nobody knows better, each way in pixels: what the clients ask cameras for. */
const usualPicture = { width: 1280, height: 720 };
/** A layer may be this much smaller than the tile before the next larger one is worth its bandwidth. */
const upscaleMax = 1.25;
/** Below this each way a tile is a thumbnail, and half of the frames are enough. */
const thumbnailPixels = 120;

const scalability = /^[LS]([1-9])T([1-9])/;

/** The layers of what was produced: simulcast's encodings, or the layers of one SVC encoding. */
export function layerStack({ encodings }: Pick<RtpParameters, 'encodings'>): LayerStack {
  const mode = scalability.exec(encodings.find((e) => e.scalabilityMode)?.scalabilityMode ?? '');
  const temporalLayers = Number(mode?.[2] ?? 1);
  if (encodings.length > 1) {
    const scales = encodings.map(
      (e, index) => e.scaleResolutionDownBy ?? 2 ** (encodings.length - 1 - index),
    );
    return { scales, temporalLayers };
  }
  const spatialLayers = Number(mode?.[1] ?? 1);
  // webrtc-svc: each layer of L3 is twice the one below.
  return {
    scales: Array.from({ length: spatialLayers }, (_, index) => 2 ** (spatialLayers - 1 - index)),
    temporalLayers,
  };
}

/**
 * The layers worth sending to a viewer: the smallest that fill the tile. Nothing where it is not shown; everything
 * where its size is not known.
 */
export function preferredLayers(stack: LayerStack, tile: Tile | undefined): Layers | null {
  const top = { spatialLayer: stack.scales.length - 1, temporalLayer: stack.temporalLayers - 1 };
  if (tile === undefined) return top;
  if (tile.width <= 0 || tile.height <= 0) return null;
  // The picture fills the tile one way and is cut or padded the other: the smaller need decides.
  const fills = (scale: number) =>
    (usualPicture.width / scale) * upscaleMax >= tile.width ||
    (usualPicture.height / scale) * upscaleMax >= tile.height;
  const found = stack.scales.findIndex(fills);
  const thumbnail = tile.width < thumbnailPixels && tile.height < thumbnailPixels;
  return {
    spatialLayer: found < 0 ? top.spatialLayer : found,
    temporalLayer: thumbnail ? Math.min(top.temporalLayer, 1) : top.temporalLayer,
  };
}

/** Who gets bandwidth first: mediasoup's priority of a consumer, 1 to 255. */
export function priorityOf(tile: Tile | undefined, isScreen: boolean): number {
  if (tile?.speaking === true) return 200;
  if (isScreen) return 150;
  return tile === undefined
    ? 100
    : Math.max(1, Math.min(100, Math.round((tile.width * tile.height) / 10_000)));
}

/** The largest spatial layer that anybody watches; -1: nobody watches any. */
export function watchedLayer(preferred: readonly (Layers | null)[]): number {
  return Math.max(-1, ...preferred.map((layers) => layers?.spatialLayer ?? -1));
}

export type LayerDecision = 'video-on' | 'layer-up' | 'layer-down' | 'video-off';

/** What a change of spatial layers is called; undefined where it is none. Temporal layers come and go with every packet lost. */
export function layerDecision(before: Layers | null, now: Layers | null): LayerDecision | undefined {
  if (now === null) return before === null ? undefined : 'video-off';
  if (before === null) return 'video-on';
  if (now.spatialLayer === before.spatialLayer) return undefined;
  return now.spatialLayer > before.spatialLayer ? 'layer-up' : 'layer-down';
}

export interface LayerCause {
  readonly now: Layers | null;
  readonly before: Layers | null;
  /** What the viewer's tile asks for; null: it is hidden. */
  readonly preferred: Layers | null;
  /** What the tile asked for when `before` was reported; undefined at the first report. */
  readonly preferredBefore: Layers | null | undefined;
  readonly speaking: boolean;
  /** Scores of the sender's layers, 0 to 10 by spatial layer; 0: it does not arrive. */
  readonly producerScores: readonly number[];
  /** To the viewer: what the worker takes the network for, and what it sends. bit/s. */
  readonly availableOutgoingBitrate?: number | undefined;
  readonly sendBitrate?: number | undefined;
}

export type LayerReason = 'tile-size' | 'hidden' | 'speaker' | 'downlink' | 'uplink' | 'started';

/** A layer of the sender's with this score or less does not arrive well (mediasoup: 0 to 10). */
const poorScore = 4;

/** Why a viewer gets other layers than before, from what was known at that moment. */
export function layerReason(cause: LayerCause): LayerReason {
  const { now, before, preferred, preferredBefore, producerScores } = cause;
  if (preferred === null) return 'hidden';
  if (before === null && preferredBefore === undefined) return 'started';
  if (preferredBefore === null) return 'hidden';
  const asked = layerDecision(preferredBefore ?? null, preferred);
  const got = layerDecision(before, now);
  if (asked !== undefined && asked === got) return cause.speaking ? 'speaker' : 'tile-size';
  const lost = producerScores.slice((now?.spatialLayer ?? -1) + 1, preferred.spatialLayer + 1);
  if (lost.some((score) => score <= poorScore)) return 'uplink';
  const isLess = got === 'layer-down' || got === 'video-off';
  const { availableOutgoingBitrate = 0, sendBitrate = Infinity } = cause;
  // There is room for more than what was sent: less of it came in. A sender's score falls seconds later.
  return isLess && availableOutgoingBitrate > sendBitrate ? 'uplink' : 'downlink';
}
