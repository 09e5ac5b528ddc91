import { useEffect, useRef } from 'preact/hooks';
import { playSound } from '../media/playback.ts';

/**
 * Plays what arrives from somebody. Sound and picture share the element, so that lips and words stay together;
 * without a picture it is still there, unseen, for the sound.
 */
export function RemoteMedia(props: {
  stream: MediaStream;
  speakerId: string | undefined;
  picture: boolean;
  contain?: boolean;
}) {
  const { stream, speakerId } = props;
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    video.srcObject = stream;
    const forget = playSound(video);
    return () => {
      forget();
      video.srcObject = null;
    };
  }, [stream]);
  useEffect(() => {
    // A speaker that is gone since: the browser's own choice is better than silence.
    if (speakerId !== undefined) element.current?.setSinkId?.(speakerId).catch(() => undefined);
  }, [speakerId]);
  const classes = [props.contain && 'contain', !props.picture && 'unseen'].filter(Boolean).join(' ');
  return <video ref={element} class={classes} autoPlay playsInline aria-hidden="true" />;
}
