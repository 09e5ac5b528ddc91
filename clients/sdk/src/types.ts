import type {
  CallEvent,
  CallView,
  Capabilities,
  CommandMessage,
  IceServer,
  Layers,
  ParticipantView,
  TrackDescription,
  TrackSource,
} from '@ringback/schemas';
import type { ErrorCode, RingbackError } from './errors.ts';
import type { CallRoute } from './media/route.ts';
import type { Ports } from './ports.ts';

type ConnectionReport = Extract<CommandMessage, { type: 'call.connection' }>['data'];
/** W3C RTCPeerConnectionState, those that are worth a fact. */
export type ConnectionState = ConnectionReport['state'];
/** Types, protocol and round trip of the pair in use, by their names in W3C webrtc-stats; no addresses. */
export type CandidatePair = NonNullable<ConnectionReport['pair']>;

export type { CallRoute };

type LayersChanged = Extract<CallEvent, { type: 'call.layers.changed' }>['data'];

export interface ClientOptions {
  /** Origin of the platform, like `https://meet.example.org`. Default: the page's own origin. */
  url?: string;
  /**
   * A token (JWT, RFC 7519), or where to get one: asked before every connection and HTTP request. Only a function
   * can outlive its first token: before that ends it is asked for another one (`expiring`), with which the session
   * goes on as it is. Where none comes in time, the client connects anew (`refused`), and loses no command.
   */
  token: string | ((request: TokenRequest) => string | Promise<string>);
  /** Replacements for the runtime's WebSocket, fetch, clock, random and WebRTC. For tests. */
  ports?: Partial<Ports>;
}

export interface TokenRequest {
  /** The platform refused the last token with this code (`token_expired`, `token_invalid`): one that is kept will not do. */
  refused?: ErrorCode;
  /**
   * The last token ends within two minutes, and the session with it: another one of the same user is wanted, one that is kept will not do.
   */
  expiring?: true;
}

/** `idle` before the first connect; `closed` for good, with the reason in the `closed` event. */
export type ClientStatus = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed';

/** The session that is open now. */
export interface Session {
  /** Names this socket in events. */
  sessionId: string;
  /** The token's `sub`. */
  userId: string;
  /** The gateway one is connected to. */
  gateway: string;
  /** The server's clock when it began: milliseconds since 1970. */
  serverTime: number;
}

export interface ClientEvents {
  status: ClientStatus;
  /** The next attempt to reconnect: `attempt` counts from 1, `delayMs` from now. */
  reconnecting: { attempt: number; delayMs: number };
  /**
   * The session's token ends in `leftMs` milliseconds and is not renewed yet. Without an error it can not be: the
   * client was given a text instead of a function, and will be closed with `token_expired`. With one, a try failed;
   * there are more of them until the end, but for `token_mismatch`.
   */
  'token-expiring': { leftMs: number; error?: RingbackError };
  /** The connection is over for good: by `close()` (no error) or because the server said not to come back. */
  closed: { error?: RingbackError };
}

export interface CreateCallOptions {
  /** At most 120 characters. */
  name?: string;
  /** Default true. */
  guestsAllowed?: boolean;
  /** People at once, 1 to 8. Default 8. */
  participantsMax?: number;
  /** Default 12 hours. */
  durationMsMax?: number;
  /** How long an empty call waits for somebody. Default one minute. */
  emptyTimeoutMs?: number;
}

export interface JoinOptions {
  /** At most 80 characters. */
  displayName: string;
  /** Keep it for the life of a tab (sessionStorage), so that a reload is the same person. Default: a new UUID. */
  participantId?: string;
  /** One per page load; a new one tells the others to make new peer connections. Default: a new UUID. */
  instanceId?: string;
  /** Default: what `capabilities()` finds. */
  capabilities?: Capabilities;
  /**
   * False: media never goes directly to others, who would learn this device's address; only through a Call Server.
   * Default true, or what `capabilities` says.
   */
  peerToPeer?: boolean;
}

/** `rejoining`: the socket was lost and is coming back; media goes on meanwhile. */
export type CallStatus = 'joining' | 'joined' | 'rejoining' | 'ended';

export interface CallEnd {
  /**
   * `host`, `empty`, `nobody-came`, `max-duration`: the call ended for everyone; `over`: it did while
   * this client had no connection. `left`: `leave()`. `removed`: a host removed this person.
   * `replaced`: joined again from elsewhere with the same participant id. `refused`: joining was refused, see
   * `error`. `closed`: the client was closed or told not to come back.
   */
  reason:
    | 'host'
    | 'empty'
    | 'nobody-came'
    | 'max-duration'
    | 'over'
    | 'left'
    | 'removed'
    | 'replaced'
    | 'refused'
    | 'closed';
  error?: RingbackError;
}

export interface TrackChange {
  participantId: string;
  track: TrackDescription;
}

/** Media that arrives from somebody, matched to the track they published. */
export interface RemoteTrack {
  participantId: string;
  trackId: string;
  source: TrackSource;
  track: MediaStreamTrack;
  /**
   * Shared by a person's camera and microphone, and by screen and screen audio: play it in one element and they
   * stay in sync.
   */
  stream: MediaStream;
}

/** A track that is shown already and now comes by the new route as well, hidden until it is shown. */
export interface TrackArriving extends RemoteTrack {
  /** Of the route that brings it. */
  epoch: number;
}

/** A track that comes by the new route from now on. */
export interface TrackSwapped extends RemoteTrack {
  /** What it was until now: another `track` and `stream` of the same `trackId`. It may go on for a moment. */
  before: RemoteTrack;
}

/** How large a track is shown. Device pixels; 0: not at all. */
export interface Tile {
  width: number;
  height: number;
  /** Whether this one goes first where bandwidth is short. Default false. */
  speaking?: boolean;
}

/** The Call Server sends this client more or less of somebody's video, and why. */
export interface LayersChange {
  participantId: string;
  trackId: string;
  decision: LayersChanged['decision'];
  reason: LayersChanged['reason'];
  /** What is sent now; null: nothing. */
  layers: Layers | null;
  /** The measured values it rests on. */
  samples: LayersChanged['samples'];
}

/** Media that this client sends. */
export interface LocalTrack {
  trackId: string;
  source: TrackSource;
  track: MediaStreamTrack;
  muted: boolean;
}

/** Names and units as in W3C webrtc-stats: seconds, pixels, packets since the last sample; `bitrate*` in bit/s. */
export interface PeerQuality {
  /** Whom it is about: what comes from them. One's own id, on the Call Server: what oneself sends. */
  participantId: string;
  word: 'good' | 'fair' | 'poor' | 'lost';
  /** Why, in words for the person: "6 % of their packets are lost." */
  reason: string;
  connectionState: RTCPeerConnectionState;
  pair?: CandidatePair;
  currentRoundTripTime?: number;
  /** Since the last sample. */
  packetsLost: number;
  packetsReceived: number;
  /** The worst of the incoming tracks. */
  jitter?: number;
  /** Of the largest incoming picture. */
  frameWidth?: number;
  frameHeight?: number;
  framesPerSecond?: number;
  /** Since the last sample. */
  freezeCount: number;
  bitrateIn: number;
  bitrateOut: number;
}

export interface CallEvents {
  /** Every event of the call that one may see: each once, in order, whatever happens to the socket. */
  event: CallEvent;
  /** The folded state changed. */
  state: CallView;
  status: CallStatus;
  'participant-joined': ParticipantView;
  'participant-left': ParticipantView;
  /** Presence, capabilities, connections, raised hand or bandwidth of somebody changed. */
  'participant-changed': ParticipantView;
  'track-published': TrackChange;
  /** Muted or unmuted. */
  'track-changed': TrackChange;
  'track-unpublished': TrackChange;
  /** The call's media takes another way, or is done with it. */
  route: CallRoute;
  'remote-track': RemoteTrack;
  /** It is gone; also for one that was arriving and came to nothing. */
  'remote-track-ended': RemoteTrack;
  /**
   * A track that is shown comes by the new route as well. To swap without a flash, attach it to a hidden element, and
   * call `call.trackShown` once that shows frames; who does nothing gets `track-swapped` 1.5 s after it flows.
   */
  'track-arriving': TrackArriving;
  /** From now on this is what to show; it stands in `remoteTracks`. */
  'track-swapped': TrackSwapped;
  'local-tracks': readonly LocalTrack[];
  layers: LayersChange;
  /** The connection that carries somebody's media, as this end sees it: to them, or to the Call Server. */
  connection: { participantId: string; state: ConnectionState; pair?: CandidatePair };
  /** Every two seconds, one for each of the others; on the Call Server one for oneself, too. */
  quality: PeerQuality;
  /** Something in the background failed; the call goes on. */
  warning: RingbackError;
  /** This call is over for this client; nothing comes after it. */
  ended: CallEnd;
}

export interface CommandResult {
  /** The call's sequence after the command. */
  seq: number;
}

/** A guest and their token. */
export interface Guest {
  userId: string;
  /** JWT (RFC 7519). */
  token: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

export interface CreatedCall {
  callId: string;
  seq: number;
  /** Path of the link to share. */
  url: string;
}

/** A call's folded state, and the sha256 over its canonical JSON (RFC 8785). */
export interface CallState {
  callId: string;
  seq: number;
  stateHash: string;
  state: CallView;
}

export interface IceServers {
  /** As RTCConfiguration.iceServers takes it (W3C webrtc-pc section 4.2.1). */
  iceServers: IceServer[];
  /** How long the credentials are good. */
  ttlSeconds: number;
}

export interface WatchEvents {
  /** Every event of the call, negotiation included: each once, in order. */
  event: CallEvent;
  /** Events that could not be replayed one by one; this is the state after them. */
  resync: CallView;
  /** Refused, or the client was closed. Nothing comes after it. */
  ended: { error?: RingbackError };
}
