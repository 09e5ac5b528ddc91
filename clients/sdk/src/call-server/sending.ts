import { chooseVideoCodec, producedKeys, receivableKeys, routerRtpCapabilities } from '@ringback/domain';
import type { CallView, RtpParameters } from '@ringback/schemas';
import type { types } from 'mediasoup-client';
import type { OutgoingTrack } from '../media/local-media.ts';
import { othersWithMedia } from '../media/route.ts';

/**
 * How a track is sent to the Call Server. Undefined where it has none of this device's codecs. Nothing here may touch
 * the track: the leg before shares it, so it is neither stopped nor disabled.
 */
export function producerOptionsFor(
  { track, source, trackId }: OutgoingTrack,
  view: CallView | undefined,
  participantId: string,
): types.ProducerOptions | undefined {
  const options: types.ProducerOptions = {
    track,
    stopTracks: false,
    disableTrackOnPause: false,
    zeroRtpOnPause: false,
    appData: { trackId },
  };
  // Without DTX: in silence it sends nothing, and nobody could tell whether the sound of a new leg has come.
  if (track.kind === 'audio')
    return {
      ...options,
      codecOptions: { opusStereo: source === 'screen-audio', opusFec: true, opusDtx: false },
    };
  const mine = view?.participants[participantId]?.capabilities;
  if (view === undefined || mine === undefined) return undefined;
  const theirs = othersWithMedia(view, participantId).flatMap(({ capabilities }) => capabilities ?? []);
  const choice = chooseVideoCodec(mine, theirs, source);
  const codec = routerRtpCapabilities().codecs.find(({ mimeType }) => mimeType === choice?.mimeType);
  if (choice === undefined || codec === undefined) return undefined;
  return {
    ...options,
    codec: codec as types.RtpCodecCapability,
    encodings: choice.encodings.map((encoding) => ({ ...encoding })),
  };
}

/** Is somebody there who can not decode what is sent, and another codec that reaches more of them? */
export function isOutgrown(
  { codecs }: Pick<RtpParameters, 'codecs'>,
  source: OutgoingTrack['source'],
  view: CallView,
  participantId: string,
): boolean {
  const mine = view.participants[participantId]?.capabilities;
  if (mine === undefined) return false;
  const theirs = othersWithMedia(view, participantId).flatMap(({ capabilities }) => capabilities ?? []);
  const produced = producedKeys({ codecs });
  const cannot = theirs.some((device) => {
    const receivable = receivableKeys(device, 'video');
    return receivable.size > 0 && !produced.some((key) => receivable.has(key));
  });
  if (!cannot) return false;
  const better = chooseVideoCodec(mine, theirs, source)?.mimeType.toLowerCase();
  return better !== undefined && !codecs.some(({ mimeType }) => mimeType.toLowerCase() === better);
}
