import type { CallView, ParticipantView } from '@ringback/schemas';
import { presentParticipants } from '../call/state.ts';
import { routerCodecsOf } from '../media/codecs.ts';

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

/** What a page needs for the Call Server: a certificate named beforehand, and a codec of the routers'. */
export function canCome(page: Pick<ParticipantView, 'capabilities' | 'fingerprints'>): page is AblePage {
  return whyNotCome(page) === undefined;
}

export type AblePage = Required<Pick<ParticipantView, 'capabilities' | 'fingerprints'>>;

/** What is missing for that; undefined: nothing. */
export function whyNotCome({
  capabilities,
  fingerprints,
}: Pick<ParticipantView, 'capabilities' | 'fingerprints'>): keyof AblePage | undefined {
  if (fingerprints === undefined) return 'fingerprints';
  if (capabilities === undefined) return 'capabilities';
  const speaks = (['audio', 'video'] as const).some((kind) => routerCodecsOf(capabilities, kind).length > 0);
  return speaks ? undefined : 'capabilities';
}

/** Those in the call who send or receive media, in the order they joined. */
export function mediaPeople(view: CallView): ParticipantView[] {
  return presentParticipants(view).filter(hasMedia);
}
