import type { ParticipantView, Route } from '@ringback/schemas';
import type { ConnectionState } from '@ringback/sdk';

export interface ConnectionFacts {
  person: ParticipantView;
  kind: Route['kind'];
  /** The route is being switched: what is shown still comes by the old one, whatever the new one does. */
  switching: boolean;
  /** The connection that carries their media: to them, or to the Call Server. */
  carrier: ConnectionState | undefined;
  /** Something of theirs arrives. */
  arrives: boolean;
}

/** What stands between the two of us, in a word; nothing while all is well. */
export function connectionWord(facts: ConnectionFacts): string | undefined {
  const { person, kind, switching, carrier, arrives } = facts;
  if (person.presence === 'disconnected') return 'away';
  const theirs = kind === 'call-server' ? person.transports?.send?.state : undefined;
  const states = switching ? [] : [carrier, theirs];
  if (states.includes('failed')) return 'no connection';
  if (states.includes('disconnected')) return 'reconnecting …';
  // Who sends nothing has nothing that could still be on its way.
  const awaited = !arrives && Object.keys(person.tracks).length > 0;
  return awaited || states.includes('connecting') ? 'connecting …' : undefined;
}
