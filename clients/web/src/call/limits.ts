/** Bounds of the call page. */
export const callLimits = {
  /** Below this a face is not read any more. CSS pixels. */
  tileWidthMin: 160,
  tileHeightMin: 150,
  /** Pictures decoded at once: more take a laptop's whole processor. */
  tilesPerPageMax: 16,
  /** Between tiles. CSS pixels; the same as `gap` of the room's padding. */
  tileGap: 10,
  /** A tile beside or below the large one. CSS pixels. */
  stripTileWidth: 224,
  stripTileHeight: 126,
  /** The same on a phone held upright, where it takes from the large one's height. CSS pixels. */
  stripTileWidthUpright: 112,
  stripTileHeightUpright: 96,
  /** Room for the arrows and dots where there is more than one page. CSS pixels: a finger's 44. */
  pagerHeight: 44,
  /** From a picture's edge ratios (width / height) on, cropping to fill cuts faces. */
  tileRatioMax: 16 / 9,
  tileRatioMin: 1.15,
  tileRatioMinUpright: 0.75,
  /** A cough is not speech. Milliseconds. */
  speakerSpeakMs: 500,
  /** Who talks over a noisy microphone this long gets through to the front. Milliseconds. */
  speakerOverMs: 3_000,
  /** Pauses between words do not end speech. Milliseconds. */
  speechHoldMs: 500,
  /** Speaking this long while muted is meant for the others. Milliseconds. */
  mutedSpeechMs: 600,
  /** How long the hint that one is muted stays after one's last word. Milliseconds. */
  unheardMs: 3_000,
  /** How long a notice that asks for nothing stays. Milliseconds. */
  noticeMs: 6_000,
  /** The old sound goes and the new comes within this: shorter clicks, longer is heard as an echo. Milliseconds. */
  crossFadeMs: 20,
  /** Shown frames the probe keeps for each person: 20 minutes at 30 a second. */
  probeFramesMax: 36_000,
  /** Switches the probe keeps. */
  probeSwapsMax: 1_000,
  /** As the contract bounds a tile's size. Device pixels. */
  tilePixelsMax: 16_384,
  /** How often the lobby asks whether the call lets people in. Milliseconds. */
  doorMs: 5_000,
  /** How long the lobby waits for the first answer: then it opens, and joining tells. Milliseconds. */
  doorFirstMs: 1_000,
} as const;
