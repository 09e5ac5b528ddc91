import { useEffect, useRef } from 'preact/hooks';
import type { RemoteTrack } from '@ringback/sdk';
import { probeFrame, probing } from './probe.ts';
import type { RemoteTracks } from './remote-tracks.ts';

const framesToBeShown = 2;
const keys = new WeakMap<MediaStreamTrack, number>();
let lastKey = 0;

/** The same element for the same track, whatever else comes and goes: setting another source flashes. */
function keyOf(track: MediaStreamTrack): number {
  const known = keys.get(track);
  if (known !== undefined) return known;
  keys.set(track, (lastKey += 1));
  return lastKey;
}

/**
 * Somebody's moving picture, without its sound. While the route is switched the new track plays unseen on top of the
 * old one; once it is the current one, it is shown and the old element goes.
 */
export function Picture(props: { current: RemoteTrack; remote: RemoteTracks; contain?: boolean }) {
  const { current, remote } = props;
  const arriving = remote.arriving.value.filter((t) => isSame(t, current) && t.track !== current.track);
  return (
    <>
      {[current, ...arriving].map((track) => (
        <TrackVideo
          key={keyOf(track.track)}
          track={track}
          isCurrent={track === current}
          contain={props.contain === true}
          onShown={() => remote.shown(track)}
        />
      ))}
    </>
  );
}

const isSame = (a: RemoteTrack, b: RemoteTrack) =>
  a.participantId === b.participantId && a.trackId === b.trackId;

function TrackVideo(props: {
  track: RemoteTrack;
  isCurrent: boolean;
  contain: boolean;
  onShown: () => void;
}) {
  const { track, participantId, source } = props.track;
  const element = useRef<HTMLVideoElement>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    video.srcObject = new MediaStream([track]);
    // Muted, so that it plays without anybody's click.
    video.play().catch(() => undefined);
    const stop = eachFrame(video, (count, at) => {
      const { isCurrent, onShown } = latest.current;
      if (isCurrent && source === 'camera') probeFrame(participantId, at);
      // The first frame may still be on its way to the screen when it is told.
      if (count === framesToBeShown) onShown();
      return count < framesToBeShown || probing;
    });
    return () => {
      stop();
      video.srcObject = null;
    };
  }, [track]);
  const classes = [props.contain && 'contain', !props.isCurrent && 'arriving'].filter(Boolean).join(' ');
  return <video ref={element} class={classes} autoPlay playsInline muted aria-hidden="true" />;
}

/** Calls for each frame that was presented, counted from 1, as long as `onFrame` returns true. */
function eachFrame(video: HTMLVideoElement, onFrame: (count: number, atMs: number) => boolean): () => void {
  // Not in older Firefox: there the SDK goes by statistics after a while.
  if (!('requestVideoFrameCallback' in video)) return () => {};
  let count = 0;
  const next = (_: number, { presentationTime }: VideoFrameCallbackMetadata) => {
    count += 1;
    if (onFrame(count, presentationTime)) handle = video.requestVideoFrameCallback(next);
  };
  let handle = video.requestVideoFrameCallback(next);
  return () => video.cancelVideoFrameCallback(handle);
}
