import type { CallView, ParticipantView } from '@ringback/schemas';
import { presentParticipants } from '../call/state.ts';

/** Both ends work out the same name of the peer connection between two pages. */
export function connectionIdOf(instanceId: string, otherInstanceId: string): string {
  return [instanceId, otherInstanceId].sort().join('~');
}

/** Somebody who announced no codecs at all follows the call without media, as a bot does. */
export function hasMedia({ capabilities }: Pick<ParticipantView, 'capabilities'>): boolean {
  return (
    capabilities === undefined || capabilities.audioCodecs.length > 0 || capabilities.videoCodecs.length > 0
  );
}

/** Those in the call who send or receive media, in the order they joined. */
export function mediaPeople(view: CallView): ParticipantView[] {
  return presentParticipants(view).filter(hasMedia);
}
