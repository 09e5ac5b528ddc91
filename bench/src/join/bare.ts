import type { Page } from 'playwright-core';
import { camera } from '../pages.ts';

/** Milliseconds since the two connections were asked for. */
export interface BareJoin {
  readonly ice: number;
  readonly dtls: number;
  readonly firstFrame: number;
}

/**
 * What the browser itself takes: two peer connections of one page, whose offer, answer and candidates are handed over
 * by function calls, with the same camera and microphone both ways, both warm.
 */
export function joinBare(page: Page): Promise<BareJoin> {
  return page.evaluate(async ({ width, height }) => {
    const video = { width: { ideal: width }, height: { ideal: height } };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
    const element = (source: MediaStream) => {
      const made = document.createElement('video');
      Object.assign(made, { muted: true, autoplay: true, srcObject: source });
      document.body.append(made);
      void made.play();
      return made;
    };
    const shown = (of: HTMLVideoElement) =>
      new Promise<number>((resolve) =>
        of.requestVideoFrameCallback((_, { presentationTime }) => resolve(presentationTime)),
      );
    await shown(element(stream));
    const beganAt = performance.now();
    const here = new RTCPeerConnection();
    const there = new RTCPeerConnection();
    const reached = (event: 'iceconnectionstatechange' | 'connectionstatechange') =>
      new Promise<number>((resolve) =>
        here.addEventListener(event, () => {
          const state = event === 'connectionstatechange' ? here.connectionState : here.iceConnectionState;
          if (state === 'connected' || state === 'completed') resolve(performance.now());
        }),
      );
    const ice = reached('iceconnectionstatechange');
    const dtls = reached('connectionstatechange');
    const firstFrame = new Promise<number>((resolve) => {
      here.addEventListener('track', ({ track }) => {
        if (track.kind === 'video') void shown(element(new MediaStream([track]))).then(resolve);
      });
    });
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      from.addEventListener(
        'icecandidate',
        ({ candidate }) => void to.addIceCandidate(candidate ?? undefined),
      );
      for (const track of stream.getTracks()) from.addTrack(track, stream);
    }
    await there.setLocalDescription();
    await here.setRemoteDescription(there.localDescription!);
    await here.setLocalDescription();
    await there.setRemoteDescription(here.localDescription!);
    const [iceAt, dtlsAt, frameAt] = await Promise.all([ice, dtls, firstFrame]);
    here.close();
    there.close();
    return { ice: iceAt - beganAt, dtls: dtlsAt - beganAt, firstFrame: frameAt - beganAt };
  }, camera);
}
