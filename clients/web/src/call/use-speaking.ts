import { useEffect, useState } from 'preact/hooks';
import { speakingFrom, watchLevel } from '../media/level.ts';

/** Pauses between words do not end speech. Milliseconds. */
const holdMs = 500;

/** Whether somebody speaks on this track now. */
export function useSpeaking(track: MediaStreamTrack | undefined): boolean {
  const [speaking, setSpeaking] = useState(false);
  useEffect(() => {
    if (!track) return;
    let lastLoud = -Infinity;
    const stop = watchLevel(track, (level) => {
      const now = performance.now();
      if (level >= speakingFrom) lastLoud = now;
      setSpeaking(now - lastLoud < holdMs);
    });
    return () => {
      stop();
      setSpeaking(false);
    };
  }, [track]);
  return speaking;
}
