/** Rooms without speech stay below this; a person at arm's length is well above. Root mean square, 0 to 1. */
export const speakingFrom = 0.02;

let context: AudioContext | undefined;

/** One context for the page: browsers allow only a few. It starts by itself after the first click. */
function audioContext(): AudioContext {
  context ??= new AudioContext();
  if (context.state === 'suspended') void context.resume().catch(() => undefined);
  return context;
}

/** Measures how loud a track is, about 15 times a second (0 to 1, root mean square). Returns a function that stops it. */
export function watchLevel(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const audio = audioContext();
  const source = audio.createMediaStreamSource(new MediaStream([track]));
  const analyser = audio.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    if (audio.state === 'suspended') void audio.resume().catch(() => undefined);
    analyser.getFloatTimeDomainData(samples);
    onLevel(rootMeanSquare(samples));
  }, 66);
  return () => {
    clearInterval(timer);
    source.disconnect();
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
