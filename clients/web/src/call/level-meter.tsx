import { useEffect, useRef } from 'preact/hooks';
import { meterPosition, watchLevel } from '../media/level.ts';

/** Shows that the microphone hears something. Drawn past the virtual DOM: it changes 15 times a second. */
export function LevelMeter({ track }: { track: MediaStreamTrack | undefined }) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const show = (level: number) => {
      if (bar.current) bar.current.style.transform = `scaleX(${meterPosition(level)})`;
    };
    show(0);
    return track ? watchLevel(track, show) : undefined;
  }, [track]);
  return (
    <div class="level-meter" role="img" aria-label={track ? 'Microphone level' : 'Microphone off'}>
      <div ref={bar} />
    </div>
  );
}
