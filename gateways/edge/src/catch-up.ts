import type { Logger } from '@ringback/runtime';
import { visibleTo, withoutCause } from '@ringback/domain';
import { callEventsByType, type CallEvent, type CallView, type ServerMessage } from '@ringback/schemas';
import type { Recipient } from './call-feed.ts';
import type { CallReader } from './call-reader.ts';
import type { FeedHub } from './feed-hub.ts';

export interface CatchUpPorts {
  readonly reader: Pick<CallReader, 'state' | 'events'>;
  readonly feeds: Pick<FeedHub, 'attach'>;
  readonly logger: Logger;
}

/** Somebody on the way to where a call is. */
export interface Arrival {
  readonly recipient: Recipient;
  readonly tenantId: string;
  /** Starts with a snapshot instead of a replay. */
  readonly fresh: boolean;
  /** Sequence of the join; what is addressed to the participant behind it is not to be lost in a snapshot. */
  readonly joinedSeq?: number;
  /** Is it still wanted? */
  readonly isCurrent: () => boolean;
  /** By the call's present state: is there anything to come for this recipient? */
  readonly isIn: (state: CallView) => boolean;
  /** There is not. It has the snapshot that shows it. */
  readonly out: (state: CallView) => void;
}

/** Sends what was missed, or a snapshot, then everything that follows. Never throws. */
export async function catchUp(ports: CatchUpPorts, arrival: Arrival): Promise<void> {
  const { callId } = arrival.recipient.subscription;
  try {
    if (await arrive(ports, arrival)) return;
    if (arrival.isCurrent()) ports.logger.warn({ callId }, 'a client could not be caught up');
  } catch (error) {
    ports.logger.warn({ callId, err: error }, 'a client could not be caught up');
  }
  if (arrival.isCurrent()) arrival.recipient.lost();
}

/** @returns false where it did not work. */
async function arrive({ reader, feeds }: CatchUpPorts, arrival: Arrival): Promise<boolean> {
  const { recipient, fresh, isCurrent } = arrival;
  const { subscription } = recipient;
  const { callId } = subscription;
  if (!fresh && (await feeds.attach(recipient, isCurrent))) return true;
  if (!isCurrent()) return true;
  const answer = await reader.state(callId, arrival.tenantId);
  if (!isCurrent()) return true;
  if ('code' in answer) return false;
  const { state } = answer;
  const addressed = await addressedTo(reader, arrival, state.seq);
  if (!isCurrent()) return true;
  subscription.jump(state.seq);
  const snapshot: ServerMessage = {
    type: 'snapshot',
    callId,
    seq: state.seq,
    resync: !fresh,
    state,
    ...(addressed.length === 0 ? {} : { addressed }),
  };
  recipient.socket.send(JSON.stringify(snapshot));
  if (arrival.isIn(state)) return feeds.attach(recipient, isCurrent);
  arrival.out(state);
  return true;
}

/** What came for this participant alone between the join and the state: the Call Server may be faster than we are. */
async function addressedTo(
  reader: CatchUpPorts['reader'],
  { recipient, joinedSeq }: Arrival,
  seq: number,
): Promise<CallEvent[]> {
  const { callId, participantId } = recipient.subscription;
  if (participantId === undefined || joinedSeq === undefined || joinedSeq >= seq) return [];
  const events = await reader.events(callId, joinedSeq);
  // Where they can not be had now, the client asks for what it misses.
  if ('code' in events) return [];
  return events
    .filter((e) => e.sequence <= seq && callEventsByType.get(e.type)?.visibility === 'addressee')
    .filter((e) => visibleTo(e, participantId))
    .map(withoutCause);
}
