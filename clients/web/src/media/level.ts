/** Rooms without speech stay below this; a person at arm's length is well above. Root mean square, 0 to 1. */
export const speakingFrom = 0.02;

let context: AudioContext | undefined;

/** One context for the page: browsers allow only a few. It starts by itself after the first click. */
function audioContext(): AudioContext {
  context ??= new AudioContext();
  if (context.state === 'suspended') void context.resume().catch(() => undefined);
  return context;
}

/** How often loudness is looked at: often enough for a meter that seems to move. Milliseconds. */
export const levelMs = 66;

export interface Level {
  /** 0 to 1, root mean square of the last 20 ms. */
  read(): number;
  close(): void;
}

/** Listens to a track, unheard. */
export function openLevel(track: MediaStreamTrack): Level {
  const audio = audioContext();
  const source = audio.createMediaStreamSource(new MediaStream([track]));
  const analyser = audio.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read() {
      if (audio.state === 'suspended') void audio.resume().catch(() => undefined);
      analyser.getFloatTimeDomainData(samples);
      return rootMeanSquare(samples);
    },
    close: () => source.disconnect(),
  };
}

/** Measures how loud a track is, about 15 times a second. Returns a function that stops it. */
export function watchLevel(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const level = openLevel(track);
  const timer = setInterval(() => onLevel(level.read()), levelMs);
  return () => {
    clearInterval(timer);
    level.close();
  };
}

export function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

/** Loudness as people hear it: 0 for silence, 1 for shouting. A logarithmic scale from -60 to -6 dBFS. */
export function meterPosition(level: number): number {
  if (level <= 0) return 0;
  const decibels = 20 * Math.log10(level);
  return Math.min(1, Math.max(0, (decibels + 60) / 54));
}
