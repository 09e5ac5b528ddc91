import { useEffect, useRef } from 'preact/hooks';

/** A moving picture without sound; sound is played apart, so that a hidden tile is still heard. */
export function Video(props: { track: MediaStreamTrack; mirrored?: boolean; contain?: boolean }) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    video.srcObject = new MediaStream([props.track]);
    video.play().catch(() => undefined);
    return () => {
      video.srcObject = null;
    };
  }, [props.track]);
  const classes = [props.mirrored && 'mirrored', props.contain && 'contain'].filter(Boolean).join(' ');
  return <video ref={element} class={classes} autoPlay playsInline muted aria-hidden="true" />;
}
