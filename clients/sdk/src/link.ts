import type { ConnectedMessage, SessionTimes } from './connection.ts';
import type { FeedMessage } from './feed.ts';
import type { RingbackError } from './errors.ts';
import type { Request, RequestOptions } from './outbox.ts';
import type { Ports } from './ports.ts';
import type { CallReads } from './timeline/call-timeline.ts';
import type { CommandResult, IceServers } from './types.ts';

/** What follows a call on the client's socket. */
export interface Topic {
  readonly callId: string;
  /** Is in the call; false: watches it. */
  readonly joins: boolean;
  /** Whether its commands may go out: it is joined on this socket. */
  isOpen(): boolean;
  connected(message: ConnectedMessage): void;
  disconnected(): void;
  message(message: FeedMessage): void;
  /** The connection is over for good. */
  closed(error: RingbackError | undefined): void;
}

/** What a topic may do with its client. */
export interface Link {
  readonly ports: Ports;
  /**
   * From now on the topic hears of the call; `connected` comes at once where there is a session.
   *
   * @throws RingbackError `invalid` where the call is followed already, `closed` after the client was closed.
   */
  attach(topic: Topic): void;
  request(request: Request, options: RequestOptions): Promise<CommandResult>;
  /** Sends what waited for this call. */
  flush(callId: string): void;
  /** Hands the topic no more messages; with an error, gives up what waits for a reply. */
  forget(topic: Topic, error?: RingbackError): void;
  /** What follows this call now: whoever no longer does must not undo what that one asked for on the same socket. */
  topicOf(callId: string): Topic | undefined;
  getIceServers(): Promise<IceServers>;
  /** What can be read of a call over HTTP. */
  readonly reads: CallReads;
  /** When this session's token was there, and when the session began. Milliseconds since 1970. */
  readonly sessionTimes: SessionTimes;
}
