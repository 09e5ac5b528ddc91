/** The contract as plain types. Generated from schemas/src: change it there. */

/** A stored fact of a call, as a CloudEvent; `type` says which. */
export type CallEvent =
  | CallCreated
  | CallParticipantJoined
  | CallParticipantReconnected
  | CallParticipantDisconnected
  | CallParticipantLeft
  | CallCapabilitiesAnnounced
  | CallTrackPublished
  | CallTrackUnpublished
  | CallTrackMuted
  | CallTrackUnmuted
  | CallOfferSent
  | CallAnswerSent
  | CallCandidateSent
  | CallConnectionChanged
  | CallRouteChanged
  | CallTransportsCreated
  | CallTransportChanged
  | CallTransportRestarted
  | CallTrackProduced
  | CallProducerRefused
  | CallConsumersCreated
  | CallLegSwitched
  | CallRouteSettled
  | CallLayersChanged
  | CallEncodingsChanged
  | CallBandwidthChanged
  | CallHandRaised
  | CallHandLowered
  | CallLocked
  | CallUnlocked
  | CallEnded;

/** A call exists and its link may be shared; its limits are fixed here. */
export type CallCreated = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.created';
  data: {
    createdBy: UserId;
    name?: CallName | undefined;
    /** Whether people without an account may join by link. */
    guestsAllowed: boolean;
    /** So many people may be in it at a time. */
    participantsMax: number;
    /** Milliseconds after which it ends by itself. */
    durationMsMax: number;
    /** Milliseconds without anybody after which it ends. */
    emptyTimeoutMs: number;
    cause?: Cause | undefined;
  };
};

/** Partition and UUIDv7 of the call. */
export type CallId = string;

/** RFC 3339, UTC, milliseconds. */
export type Time = string;

/** The isolation boundary: nothing of one tenant is seen by another. */
export type TenantId = string;

/** The token's `sub`. */
export type UserId = string;

/** One line that says what the call is about. */
export type CallName = string;

/** The command that caused the event; on the first event of each command. */
export type Cause = {
  /** Type of the command. */
  command: string;
  actor: Actor;
  /** The actor's participant in this call. */
  participantId?: Uuid | undefined;
  /** The WebSocket it came by. */
  sessionId?: Uuid | undefined;
  /** When the gateway had it. */
  receivedTime: Time;
  /** Fields of the command's data that stand unchanged in the event's data. */
  same: Array<string>;
  /** The rest of the command's data. */
  data: Record<string, unknown>;
};

/** Who acted: a person with a token, or a part of the platform. */
export type Actor =
  | {
      kind: 'user';
      userId: UserId;
      /** Came by link, without an account. */
      guest: boolean;
      /** The token grants `roomAdmin` for this call. */
      admin: boolean;
    }
  | {
      kind: 'system';
      /** The part of the platform that acted. */
      name: string;
    };

/** UUID (RFC 9562) in lower case. */
export type Uuid = string;

/** Somebody is in the call, for the first time or again after having left. */
export type CallParticipantJoined = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.participant.joined';
  data: {
    participantId: ParticipantId;
    userId: UserId;
    /** Came by link, without an account. */
    guest: boolean;
    role: Role;
    displayName: DisplayName;
    /** The page (or bot) instance: a new one has no peer connections. */
    instanceId: Uuid;
    /** The WebSocket that speaks for them. */
    sessionId: Uuid;
    /** The gateway that holds this socket. */
    gateway: string;
    capabilities?: Capabilities | undefined;
    /** Of the page's certificate, for the Call Server. */
    fingerprints?: Array<RTCDtlsFingerprint> | undefined;
    cause?: Cause | undefined;
  };
};

/** One person in one call, on one device. */
export type ParticipantId = Uuid;

/** A host may lock, unlock and end the call, mute and remove people. */
export type Role = 'host' | 'participant';

/** The name that others see. No control or direction characters. */
export type DisplayName = string;

/** What a device can send and receive. */
export type Capabilities = {
  /** 2 adds headerExtensions and peerToPeer. */
  version: 1 | 2;
  /** What it can receive, best first. */
  audioCodecs: Array<RTCRtpCodec>;
  /** What it can receive, best first. */
  videoCodecs: Array<RTCRtpCodec>;
  /** Whether it can capture a screen. */
  screenShare: boolean;
  /** As the browser gives it; for diagnosis only. */
  userAgent: string;
  /** URIs of the RTP header extensions (RFC 8285) it takes. Version 2. */
  headerExtensions?:
    | {
        audio: Array<string>;
        video: Array<string>;
      }
    | undefined;
  /** False: never connect it to others directly, which would tell them its address. Default true. Version 2. */
  peerToPeer?: boolean | undefined;
};

/** RTCRtpCodec of W3C webrtc-pc, field for field. */
export type RTCRtpCodec = {
  /** For example video/VP8. */
  mimeType: string;
  /** Hz. */
  clockRate: number;
  /** Audio only. */
  channels?: number | undefined;
  /** Format parameters as in an SDP. */
  sdpFmtpLine?: string | undefined;
};

/** RTCDtlsFingerprint of W3C webrtc-pc. */
export type RTCDtlsFingerprint = {
  algorithm: 'sha-256' | 'sha-384' | 'sha-512';
  value: string;
};

/** Somebody who was in the call is back on a new socket; a new instanceId means a new page. */
export type CallParticipantReconnected = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.participant.reconnected';
  data: {
    participantId: ParticipantId;
    /** A new one means a new page, without peer connections. */
    instanceId: Uuid;
    /** The WebSocket that speaks for them now. */
    sessionId: Uuid;
    /** The gateway that holds this socket. */
    gateway: string;
    /** Of a new page: the name given there. */
    displayName?: DisplayName | undefined;
    /** Of a new page: the device's. */
    capabilities?: Capabilities | undefined;
    /** Of a new page's certificate, for the Call Server. */
    fingerprints?: Array<RTCDtlsFingerprint> | undefined;
    cause?: Cause | undefined;
  };
};

/** The socket of somebody in the call is gone; they leave when the grace time ends. */
export type CallParticipantDisconnected = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.participant.disconnected';
  data: {
    participantId: ParticipantId;
    /** The WebSocket that is gone. */
    sessionId: Uuid;
    reason: DisconnectReason;
    /** They leave unless back by then. */
    graceUntil: Time;
    cause?: Cause | undefined;
  };
};

/** Why the socket is gone. */
export type DisconnectReason = 'socket-closed' | 'gateway-lost' | 'slow-consumer' | 'heartbeat-missed';

/** Somebody is no longer in the call; their tracks are gone with them. */
export type CallParticipantLeft = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.participant.left';
  data: {
    participantId: ParticipantId;
    reason: LeaveReason;
    /** The host who removed them. */
    by?: ParticipantId | undefined;
    cause?: Cause | undefined;
  };
};

/** left: by their own wish; lost: the grace time after a lost socket ended; removed: by a host; call-ended. */
export type LeaveReason = 'left' | 'lost' | 'removed' | 'call-ended';

/** What a device can send and receive, when it changed after joining. */
export type CallCapabilitiesAnnounced = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.capabilities.announced';
  data: {
    /** Whose device. */
    participantId: ParticipantId;
    capabilities: Capabilities;
    cause?: Cause | undefined;
  };
};

/** Somebody sends a new track; a screen share is a track with source screen. */
export type CallTrackPublished = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.track.published';
  data: {
    participantId: ParticipantId;
    track: TrackDescription;
    cause?: Cause | undefined;
  };
};

/** A track that somebody sends. */
export type TrackDescription = {
  trackId: TrackId;
  /** As MediaStreamTrack.kind. */
  kind: 'audio' | 'video';
  source: TrackSource;
  /** Silent or dark by its owner's wish. */
  muted: boolean;
};

/** The sender's MediaStreamTrack.id, or any other id of the same form. */
export type TrackId = string;

/** What a track shows or sounds. */
export type TrackSource = 'camera' | 'microphone' | 'screen' | 'screen-audio';

/** Somebody no longer sends a track. */
export type CallTrackUnpublished = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.track.unpublished';
  data: {
    participantId: ParticipantId;
    trackId: TrackId;
    cause?: Cause | undefined;
  };
};

/** A track is silent or dark, by its owner's wish or a host's. */
export type CallTrackMuted = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.track.muted';
  data: {
    participantId: ParticipantId;
    trackId: TrackId;
    /** The host who did it; absent: by their own wish. */
    by?: ParticipantId | undefined;
    cause?: Cause | undefined;
  };
};

/** A muted track is heard or seen again. */
export type CallTrackUnmuted = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.track.unmuted';
  data: {
    participantId: ParticipantId;
    trackId: TrackId;
    cause?: Cause | undefined;
  };
};

/** An SDP offer from one participant to another (RFC 3264). */
export type CallOfferSent = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.offer.sent';
  data: {
    /** Who sent it. */
    from: ParticipantId;
    /** Who it is for, and who alone receives it. */
    to: ParticipantId;
    connectionId: ConnectionId;
    sdp: Sdp;
    cause?: Cause | undefined;
  };
};

/** One RTCPeerConnection between two pages; both sides work out the same id. */
export type ConnectionId = string;

/** Session description (RFC 8866). */
export type Sdp = string;

/** The SDP answer to an offer. */
export type CallAnswerSent = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.answer.sent';
  data: {
    /** Who sent it. */
    from: ParticipantId;
    /** Who it is for, and who alone receives it. */
    to: ParticipantId;
    connectionId: ConnectionId;
    sdp: Sdp;
    cause?: Cause | undefined;
  };
};

/** An ICE candidate from one participant to another (RFC 8838, trickle). */
export type CallCandidateSent = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.candidate.sent';
  data: {
    /** Who sent it. */
    from: ParticipantId;
    /** Who it is for, and who alone receives it. */
    to: ParticipantId;
    connectionId: ConnectionId;
    candidate: RTCIceCandidateInit;
    cause?: Cause | undefined;
  };
};

/** RTCIceCandidateInit of W3C webrtc-pc, field for field. */
export type RTCIceCandidateInit = {
  /** candidate-attribute (RFC 8839); empty: there are no more. */
  candidate: string;
  /** Media stream identification tag. */
  sdpMid?: string | null | undefined;
  /** Index of the media line, from 0. */
  sdpMLineIndex?: number | null | undefined;
  /** ICE ufrag of the generation. */
  usernameFragment?: string | null | undefined;
};

/** A peer connection changed its state, as one of its ends reports it, with the candidate pair in use. */
export type CallConnectionChanged = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.connection.changed';
  data: {
    /** Who reports it. */
    participantId: ParticipantId;
    /** Who is at the other end. */
    peerId: ParticipantId;
    connectionId: ConnectionId;
    state: RTCPeerConnectionState;
    /** The candidate pair in use, once there is one. */
    pair?: CandidatePair | undefined;
    cause?: Cause | undefined;
  };
};

/** RTCPeerConnectionState of W3C webrtc-pc, without `new`. */
export type RTCPeerConnectionState = 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

/** The pair in use, in webrtc-stats names. Addresses stay out: they are personal. */
export type CandidatePair = {
  localCandidateType: RTCIceCandidateType;
  remoteCandidateType: RTCIceCandidateType;
  /** Transport of the pair. */
  protocol: 'udp' | 'tcp';
  /** How the TURN server is reached, where one is in use. */
  relayProtocol?: 'udp' | 'tcp' | 'tls' | undefined;
  /** Seconds. */
  currentRoundTripTime?: number | undefined;
};

/** How the address was found (RFC 8445). */
export type RTCIceCandidateType = 'host' | 'srflx' | 'prflx' | 'relay';

/** The media of the call takes another way; the old one is kept until everybody has switched. The inputs stand in the cause. */
export type CallRouteChanged = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.route.changed';
  data: {
    kind: RouteKind;
    epoch: RouteEpoch;
    reason: RouteReason;
    /** Version of the policy that decided. */
    policy: number;
    /** How many with media were in the call. */
    people: number;
    /** The chosen Call Server, as it was when it was chosen. */
    server?: CallServer | undefined;
    cause?: Cause | undefined;
  };
};

/** p2p: everybody sends to everybody; call-server: everybody sends to one Call Server. */
export type RouteKind = 'p2p' | 'call-server';

/** The number of the call's route: 1 for its first change. */
export type RouteEpoch = number;

/** third-joined: more than two people with media; p2p-failed: a direct connection failed; capabilities: somebody may not connect directly; two-again: none of these any more; call-server-lost: the Call Server was not heard any more; call-server-failed: it said that it lost the call; no-call-server: the one there was is gone and there is no other. */
export type RouteReason =
  | 'third-joined'
  | 'p2p-failed'
  | 'capabilities'
  | 'two-again'
  | 'call-server-lost'
  | 'call-server-failed'
  | 'no-call-server';

/** A media gateway that takes calls. */
export type CallServer = {
  /** One life of a media gateway: `<gateway>/<incarnation>`. */
  gateway: string;
  region: Region;
  /** Share of its capacity in use, 0 to 1, by its own account. */
  load: number;
};

/** Where a part of the platform runs, as its operator named it. */
export type Region = string;

/** The Call Server is ready for somebody: both transports, and what there is to receive. */
export type CallTransportsCreated = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.transports.created';
  data: {
    /** Who they are for, and who alone receives it. */
    to: ParticipantId;
    /** The page they are for. */
    instanceId: Uuid;
    epoch: RouteEpoch;
    /** What the client sends on. */
    send: TransportOptions;
    /** What the client receives on. */
    recv: TransportOptions;
    /** What there is to receive; the rest follows. */
    consumers: Array<Consumer>;
    cause?: Cause | undefined;
  };
};

/** The Call Server's end of a transport. */
export type TransportOptions = {
  id: Uuid;
  iceParameters: {
    usernameFragment: string;
    password: string;
    /** The Call Server only answers checks (RFC 8445 section 2.5). */
    iceLite?: boolean | undefined;
  };
  iceCandidates: Array<{
    foundation: string;
    priority: number;
    ip?: string | undefined;
    address: string;
    protocol: 'udp' | 'tcp';
    port: number;
    type: 'host';
    tcpType?: 'passive' | undefined;
  }>;
  dtlsParameters: {
    role?: 'auto' | 'client' | 'server' | undefined;
    fingerprints: Array<{
      algorithm: string;
      value: string;
    }>;
  };
};

/** Somebody's track on its way to somebody else. */
export type Consumer = {
  consumerId: Uuid;
  producerId: Uuid;
  /** Whose track it is. */
  participantId: ParticipantId;
  trackId: TrackId;
  kind: 'audio' | 'video';
  rtpParameters: RtpParameters;
};

/** What is sent, as mediasoup's RtpParameters say it (ORTC). */
export type RtpParameters = {
  mid?: string | undefined;
  msid?: string | undefined;
  codecs: Array<{
    mimeType: string;
    payloadType: number;
    clockRate: number;
    channels?: number | undefined;
    parameters?: Record<string, string | number | boolean | null> | undefined;
    rtcpFeedback?:
      | Array<{
          type: string;
          parameter?: string | undefined;
        }>
      | undefined;
  }>;
  headerExtensions?:
    | Array<{
        uri: string;
        id: number;
        encrypt?: boolean | undefined;
        parameters?: Record<string, string | number | boolean | null> | undefined;
      }>
    | undefined;
  encodings: Array<{
    ssrc?: number | undefined;
    rid?: string | undefined;
    codecPayloadType?: number | undefined;
    rtx?:
      | {
          ssrc: number;
        }
      | undefined;
    dtx?: boolean | undefined;
    scalabilityMode?: string | undefined;
    scaleResolutionDownBy?: number | undefined;
    maxBitrate?: number | undefined;
    maxFramerate?: number | undefined;
    adaptivePtime?: boolean | undefined;
    priority?: string | undefined;
    networkPriority?: string | undefined;
    active?: boolean | undefined;
  }>;
  rtcp?:
    | {
        cname?: string | undefined;
        reducedSize?: boolean | undefined;
        mux?: boolean | undefined;
      }
    | undefined;
};

/** One end of a transport to the Call Server changed its state, as the client reports it. */
export type CallTransportChanged = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.transport.changed';
  data: {
    participantId: ParticipantId;
    direction: TransportDirection;
    epoch: RouteEpoch;
    state: RTCPeerConnectionState;
    /** The candidate pair in use, once there is one. */
    pair?: CandidatePair | undefined;
    /** True: the client asks for an ICE restart. */
    restart?: boolean | undefined;
    cause?: Cause | undefined;
  };
};

/** As the client sees it. */
export type TransportDirection = 'send' | 'recv';

/** The Call Server restarted ICE of a transport: new credentials for the client (RFC 8445 section 9). */
export type CallTransportRestarted = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.transport.restarted';
  data: {
    /** Who it is for, and who alone receives it. */
    to: ParticipantId;
    epoch: RouteEpoch;
    direction: TransportDirection;
    transportId: Uuid;
    iceParameters: {
      usernameFragment: string;
      password: string;
      /** The Call Server only answers checks (RFC 8445 section 2.5). */
      iceLite?: boolean | undefined;
    };
    cause?: Cause | undefined;
  };
};

/** A track is sent to the Call Server, with these RTP parameters. */
export type CallTrackProduced = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.track.produced';
  data: {
    participantId: ParticipantId;
    epoch: RouteEpoch;
    producerId: Uuid;
    trackId: TrackId;
    rtpParameters: RtpParameters;
    cause?: Cause | undefined;
  };
};

/** The Call Server can not take a track with the RTP parameters it has. */
export type CallProducerRefused = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.producer.refused';
  data: {
    /** Whose track it is, and who alone receives it. */
    to: ParticipantId;
    epoch: RouteEpoch;
    trackId: TrackId;
    producerId: Uuid;
    /** A sentence for a developer. */
    reason: string;
    cause?: Cause | undefined;
  };
};

/** More of the others' tracks that somebody can receive from the Call Server. */
export type CallConsumersCreated = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.consumers.created';
  data: {
    /** Who receives them, and who alone receives this. */
    to: ParticipantId;
    /** The page they are for. */
    instanceId: Uuid;
    epoch: RouteEpoch;
    /** Those that are new. */
    consumers: Array<Consumer>;
    cause?: Cause | undefined;
  };
};

/** Somebody shows everybody's media by the new route. */
export type CallLegSwitched = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.leg.switched';
  data: {
    participantId: ParticipantId;
    epoch: RouteEpoch;
    samples?: Samples | undefined;
    cause?: Cause | undefined;
  };
};

/** Measured values by name: webrtc-stats names, else those of mediasoup. */
export type Samples = Record<string, number>;

/** Everybody shows the new route, or had time enough: the old one is given up. */
export type CallRouteSettled = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.route.settled';
  data: {
    epoch: RouteEpoch;
    /** Who did not say in time that they switched. */
    missing: Array<ParticipantId>;
    cause?: Cause | undefined;
  };
};

/** Somebody gets more or less of somebody's video from the Call Server, and why. */
export type CallLayersChanged = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.layers.changed';
  data: {
    /** Who sees it, and who alone receives this. */
    to: ParticipantId;
    /** Whose video it is. */
    participantId: ParticipantId;
    trackId: TrackId;
    epoch: RouteEpoch;
    decision: LayersDecision;
    /** What is sent now; null: nothing. */
    layers: Layers | null;
    /** What was sent before. */
    before: Layers | null;
    reason: LayersReason;
    samples: Samples;
    cause?: Cause | undefined;
  };
};

/** audio-only: with this one, none of their videos is sent to the viewer for lack of bandwidth. */
export type LayersDecision = 'video-on' | 'layer-up' | 'layer-down' | 'video-off' | 'audio-only';

/** Layers of simulcast or SVC, 0 the smallest. */
export type Layers = {
  spatialLayer: number;
  temporalLayer: number;
};

/** tile-size: how large it is shown; hidden: it is not shown; speaker: who speaks goes first; downlink: the viewer's bandwidth; uplink: the sender's; started: the first layers of a consumer. */
export type LayersReason = 'tile-size' | 'hidden' | 'speaker' | 'downlink' | 'uplink' | 'started';

/** Layers that nobody watches need not be sent; or they do again. */
export type CallEncodingsChanged = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.encodings.changed';
  data: {
    /** Whose track it is, and who alone receives this. */
    to: ParticipantId;
    epoch: RouteEpoch;
    trackId: TrackId;
    producerId: Uuid;
    /** The largest spatial layer that somebody watches; -1: nobody watches any. */
    maxSpatialLayer: number;
    cause?: Cause | undefined;
  };
};

/** Somebody's uplink does not carry their camera any more, or does again. */
export type CallBandwidthChanged = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.bandwidth.changed';
  data: {
    participantId: ParticipantId;
    decision: BandwidthDecision;
    samples: Samples;
    cause?: Cause | undefined;
  };
};

/** audio-only: the camera is not sent for lack of bandwidth; video: it is again. */
export type BandwidthDecision = 'audio-only' | 'video';

/** Somebody would like to speak. */
export type CallHandRaised = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.hand.raised';
  data: {
    participantId: ParticipantId;
    cause?: Cause | undefined;
  };
};

/** A hand is down again, by its owner or by a host. */
export type CallHandLowered = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.hand.lowered';
  data: {
    participantId: ParticipantId;
    /** Who lowered it. */
    by: ParticipantId;
    cause?: Cause | undefined;
  };
};

/** Nobody new may join. */
export type CallLocked = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.locked';
  data: {
    /** Who locked it. */
    by: ParticipantId;
    cause?: Cause | undefined;
  };
};

/** People may join again. */
export type CallUnlocked = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.unlocked';
  data: {
    /** Who unlocked it. */
    by: ParticipantId;
    cause?: Cause | undefined;
  };
};

/** The call is over for everyone, for good. */
export type CallEnded = {
  /** Version of CloudEvents. */
  specversion: '1.0';
  /** `<callId>/<sequence>`: unique, and the same wherever the event is read. */
  id: string;
  /** What kind of thing the event is about. */
  source: '/calls';
  /** The call. */
  subject: CallId;
  /** When it was decided. */
  time: Time;
  tenantid: TenantId;
  /** Gapless per call, from 1. */
  sequence: number;
  /** The call again: events with the same key are in order. */
  partitionkey: CallId;
  /** Id of the command (or, for deadlines, of what set them). */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  /** W3C Trace Context. */
  traceparent?: string | undefined;
  schemaversion: 1;
  /** Version of the code that decided. */
  codeversion: string;
  type: 'call.ended';
  data: {
    reason: EndReason;
    /** Who ended it, where the reason is host. */
    by?: ParticipantId | undefined;
    cause?: Cause | undefined;
  };
};

/** host: somebody ended it; the others: a deadline did. */
export type EndReason = 'host' | 'empty' | 'nobody-came' | 'max-duration';

/** One line of a list of calls. */
export type CallSummary = {
  callId: CallId;
  status: 'open' | 'ended';
  /** One line that says what it is about. */
  name?: string | undefined;
  createdBy: UserId;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Milliseconds since 1970. */
  endedAt?: number | undefined;
  endReason?: EndReason | undefined;
  /** Names of who is or was in it, in the order they came. */
  people: Array<string>;
  /** How many are in it. */
  participantsNow: number;
  /** Sequence of its last event. */
  seq: number;
};

/** A call as everybody in it may see it: the folded facts. */
export type CallView = {
  callId: CallId;
  tenantId: TenantId;
  /** Sequence of the last event in it. */
  seq: number;
  status: 'open' | 'ended';
  /** One line that says what it is about. */
  name?: string | undefined;
  createdBy: UserId;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Whether people without an account may join by link. */
  guestsAllowed: boolean;
  /** So many people may be in it at a time. */
  participantsMax: number;
  /** Milliseconds after which it ends by itself. */
  durationMsMax: number;
  /** Milliseconds without anybody after which it ends. */
  emptyTimeoutMs: number;
  /** How the media runs; absent: peer to peer from the beginning. */
  route?: Route | undefined;
  /** Nobody new may join. */
  locked: boolean;
  /** Milliseconds since 1970; present while nobody is in it. */
  emptySince?: number | undefined;
  /** Milliseconds since 1970. */
  endedAt?: number | undefined;
  endReason?: EndReason | undefined;
  /** By participant id: everybody who is or was in it. */
  participants: Record<string, ParticipantView>;
};

/** How the media of a call runs, and why. */
export type Route = {
  kind: RouteKind;
  epoch: RouteEpoch;
  reason: RouteReason;
  /** Milliseconds since 1970. */
  since: number;
  /** Where kind is call-server. */
  server?: CallServer | undefined;
  /** The route that is still kept, until everybody has switched. */
  before?:
    | {
        kind: RouteKind;
        epoch: RouteEpoch;
        server?: CallServer | undefined;
      }
    | undefined;
  /** Milliseconds since 1970: since when no more than two people with media, and the same pages, are in it. */
  calmSince?: number | undefined;
  /** Connection ids of peer connections that failed: the same two are not tried again. */
  failedConnections: Array<string>;
};

/** One person in one call, on one device. */
export type ParticipantView = {
  participantId: ParticipantId;
  userId: UserId;
  /** The name that others see. */
  displayName: string;
  /** Came by link, without an account. */
  guest: boolean;
  role: Role;
  /** disconnected: their socket is gone and the grace time runs. */
  presence: 'connected' | 'disconnected' | 'left';
  /** The page (or bot) instance: a new one has no peer connections. */
  instanceId: Uuid;
  /** The WebSocket that speaks for them. */
  sessionId: Uuid;
  /** The gateway that holds this socket. */
  gateway: string;
  /** Milliseconds since 1970. */
  joinedAt: number;
  /** Milliseconds since 1970: they leave unless back by then. */
  graceUntil?: number | undefined;
  /** Milliseconds since 1970. */
  leftAt?: number | undefined;
  leftReason?: LeaveReason | undefined;
  capabilities?: Capabilities | undefined;
  /** By track id. */
  tracks: Record<string, TrackDescription>;
  /** Milliseconds since 1970; present while the hand is up. */
  handRaisedAt?: number | undefined;
  /** The last decision about their uplink. */
  bandwidth?: BandwidthDecision | undefined;
  /** Of the page's certificate. */
  fingerprints?: Array<RTCDtlsFingerprint> | undefined;
  /** The route that they show; absent: the first. */
  shownEpoch?: RouteEpoch | undefined;
  /** What they send to the Call Server, by track id. */
  producers?:
    | Record<
        string,
        {
          producerId: Uuid;
          trackId: TrackId;
          rtpParameters: RtpParameters;
          epoch: RouteEpoch;
        }
      >
    | undefined;
  /** Their ends of the transports to the Call Server. */
  transports?:
    | {
        send?: TransportState | undefined;
        recv?: TransportState | undefined;
      }
    | undefined;
  /** By the peer's participant id. */
  connections: Record<string, Connection>;
};

/** One end of a transport, as the client reports it. */
export type TransportState = {
  epoch: RouteEpoch;
  state: RTCPeerConnectionState;
  /** The candidate pair in use, once there is one. */
  pair?: CandidatePair | undefined;
};

/** One end of a peer connection, as that end reports it. */
export type Connection = {
  peerId: ParticipantId;
  connectionId: ConnectionId;
  state: RTCPeerConnectionState;
  pair?: CandidatePair | undefined;
};

/** Be in the call, on this session; also the way back after a lost socket or a reload. */
export type CallJoin = {
  type: 'call.join';
  id: CommandId;
  callId: CallId;
  data: {
    /** Made by you; keep it, to come back as the same person. */
    participantId: ParticipantId;
    /** Made anew by each page (or bot) instance. */
    instanceId: Uuid;
    displayName: DisplayName;
    /** What your device can send and receive. */
    capabilities?: Capabilities | undefined;
    /** Of the certificate that this page will use for the Call Server; without it, none. */
    fingerprints?: Array<RTCDtlsFingerprint> | undefined;
  };
  /** The last sequence you have of the call: what you missed is replayed. Absent: a snapshot. */
  after?: number | undefined;
};

/** UUID made by the client; repeat it to retry safely. */
export type CommandId = string;

/** Be no longer in the call. */
export type CallLeave = {
  type: 'call.leave';
  id: CommandId;
  callId: CallId;
  data: Record<string, never>;
};

/** Let nobody new in. Hosts only. */
export type CallLock = {
  type: 'call.lock';
  id: CommandId;
  callId: CallId;
  data: Record<string, never>;
};

/** Let people in again. Hosts only. */
export type CallUnlock = {
  type: 'call.unlock';
  id: CommandId;
  callId: CallId;
  data: Record<string, never>;
};

/** End the call for everyone. Hosts only. */
export type CallEnd = {
  type: 'call.end';
  id: CommandId;
  callId: CallId;
  data: Record<string, never>;
};

/** Say that a track is being sent. */
export type CallPublish = {
  type: 'call.publish';
  id: CommandId;
  callId: CallId;
  data: {
    track: TrackDescription;
  };
};

/** Say that a track is no longer sent. */
export type CallUnpublish = {
  type: 'call.unpublish';
  id: CommandId;
  callId: CallId;
  data: {
    trackId: TrackId;
  };
};

/** Mute one's own track. */
export type CallMute = {
  type: 'call.mute';
  id: CommandId;
  callId: CallId;
  data: {
    trackId: TrackId;
  };
};

/** Unmute one's own track. */
export type CallUnmute = {
  type: 'call.unmute';
  id: CommandId;
  callId: CallId;
  data: {
    trackId: TrackId;
  };
};

/** Send an SDP offer to one participant. */
export type CallOffer = {
  type: 'call.offer';
  id: CommandId;
  callId: CallId;
  data: {
    /** Who it is for. */
    to: ParticipantId;
    connectionId: ConnectionId;
    sdp: Sdp;
  };
};

/** Send an SDP answer to one participant. */
export type CallAnswer = {
  type: 'call.answer';
  id: CommandId;
  callId: CallId;
  data: {
    /** Who it is for. */
    to: ParticipantId;
    connectionId: ConnectionId;
    sdp: Sdp;
  };
};

/** Send an ICE candidate to one participant. */
export type CallCandidate = {
  type: 'call.candidate';
  id: CommandId;
  callId: CallId;
  data: {
    /** Who it is for. */
    to: ParticipantId;
    connectionId: ConnectionId;
    candidate: RTCIceCandidateInit;
  };
};

/** Say what this device can do, when that changed. */
export type CallCapabilities = {
  type: 'call.capabilities';
  id: CommandId;
  callId: CallId;
  data: {
    capabilities: Capabilities;
  };
};

/** Report the state of a peer connection. */
export type CallConnection = {
  type: 'call.connection';
  id: CommandId;
  callId: CallId;
  data: {
    /** Who is at the other end. */
    peerId: ParticipantId;
    connectionId: ConnectionId;
    state: RTCPeerConnectionState;
    /** The candidate pair in use, once there is one. */
    pair?: CandidatePair | undefined;
  };
};

/** Report the state of a transport to the Call Server, or ask for an ICE restart. */
export type CallTransport = {
  type: 'call.transport';
  id: CommandId;
  callId: CallId;
  data: {
    direction: TransportDirection;
    epoch: RouteEpoch;
    state: RTCPeerConnectionState;
    /** The candidate pair in use, once there is one. */
    pair?: CandidatePair | undefined;
    /** True: restart ICE. Default false. */
    restart?: boolean | undefined;
  };
};

/** Send published tracks to the Call Server. */
export type CallProduce = {
  type: 'call.produce';
  id: CommandId;
  callId: CallId;
  data: {
    epoch: RouteEpoch;
    producers: Array<Producer>;
  };
};

/** A track as it is sent to the Call Server. */
export type Producer = {
  producerId: Uuid;
  trackId: TrackId;
  rtpParameters: RtpParameters;
};

/** Say that everybody's media is shown by the new route. */
export type CallSwapped = {
  type: 'call.swapped';
  id: CommandId;
  callId: CallId;
  data: {
    epoch: RouteEpoch;
    /** What the switch cost, as measured here. */
    samples?: Samples | undefined;
  };
};

/** Say that the camera is not sent any more for lack of bandwidth, or is again. */
export type CallBandwidth = {
  type: 'call.bandwidth';
  id: CommandId;
  callId: CallId;
  data: {
    decision: BandwidthDecision;
    samples: Samples;
  };
};

/** Ask to speak. */
export type CallRaiseHand = {
  type: 'call.raise-hand';
  id: CommandId;
  callId: CallId;
  data: Record<string, never>;
};

/** Take one's hand down; a host takes anybody's down. */
export type CallLowerHand = {
  type: 'call.lower-hand';
  id: CommandId;
  callId: CallId;
  data: {
    /** Whose hand. Default: your own. */
    participantId?: ParticipantId | undefined;
  };
};

/** Mute somebody else's track. Hosts only; only they themselves can unmute it. */
export type CallMuteParticipant = {
  type: 'call.mute-participant';
  id: CommandId;
  callId: CallId;
  data: {
    participantId: ParticipantId;
    trackId: TrackId;
  };
};

/** Remove somebody from the call; they can not join it again. Hosts only. */
export type CallRemove = {
  type: 'call.remove';
  id: CommandId;
  callId: CallId;
  data: {
    participantId: ParticipantId;
  };
};

/** RTCIceServer of W3C webrtc-pc, field for field. */
export type IceServer = {
  /** stun:, turn: or turns: addresses (RFC 7064, RFC 7065). */
  urls: Array<string>;
  /** `<expiry>:<user>`, where the server wants credentials. */
  username?: string | undefined;
  /** Good until the expiry in the user name. */
  credential?: string | undefined;
};

/** `offline`: no socket is open. `away`: nobody is at the device, as it said itself, or it has said nothing for ten minutes. Of several devices the most present one counts. */
export type Presence = 'offline' | 'away' | 'online' | 'in-call';

/** A refusal. */
export type Rejection = {
  code: RejectionCode;
  /** A sentence for a person. */
  message: string;
  /** Path of the input at fault. */
  field?: string | undefined;
};

/** Stable: switch on it, never on the sentence. New ones come: treat one that you do not know as a refusal that is only shown. */
export type RejectionCode =
  | 'malformed'
  | 'invalid'
  | 'unknown_type'
  | 'binary_not_supported'
  | 'too_large'
  | 'not_found'
  | 'method_not_allowed'
  | 'clock_skew'
  | 'not_connected'
  | 'already_connected'
  | 'token_missing'
  | 'token_invalid'
  | 'token_expired'
  | 'token_mismatch'
  | 'not_permitted'
  | 'origin_not_allowed'
  | 'guests_disabled'
  | 'call_unknown'
  | 'call_exists'
  | 'call_ended'
  | 'call_locked'
  | 'call_full'
  | 'not_in_call'
  | 'not_host'
  | 'participant_taken'
  | 'session_replaced'
  | 'removed'
  | 'participant_unknown'
  | 'target_is_host'
  | 'route_stale'
  | 'producer_exists'
  | 'rtp_unsupported'
  | 'peer_unknown'
  | 'peer_left'
  | 'peer_is_self'
  | 'track_unknown'
  | 'track_exists'
  | 'track_limit'
  | 'screen_share_exists'
  | 'rate_limited'
  | 'overloaded'
  | 'views_unavailable'
  | 'call_parked'
  | 'internal_error'
  | 'unknown_outcome';

/** A command was refused, with the reason that its sender was given. */
export type CallCommandRejected = {
  specversion: '1.0';
  /** Unique among telemetry. */
  id: string;
  /** /gateways/<id> */
  source: string;
  /** The call. */
  subject: CallId;
  /** When it was written. */
  time: Time;
  tenantid: TenantId;
  schemaversion: 1;
  type: 'call.command.rejected';
  /** Id of the refused command. */
  causationid: string;
  /** The same through everything that one request set off. */
  correlationid: string;
  data: {
    /** Type of the refused command. */
    command: string;
    actor: Actor;
    rejection: Rejection;
  };
};

/** What the client of a participant measured. */
export type CallClientReported = {
  specversion: '1.0';
  /** Unique among telemetry. */
  id: string;
  /** /gateways/<id> */
  source: string;
  /** The call. */
  subject: CallId;
  /** When it was written. */
  time: Time;
  tenantid: TenantId;
  schemaversion: 1;
  type: 'call.client.reported';
  data: {
    participantId: ParticipantId;
    report: Report;
  };
};

/** What a client measured. */
export type Report =
  | {
      kind: 'quality';
      samples: Array<QualitySample>;
    }
  | {
      kind: 'join';
      route: 'p2p' | 'call-server';
      marks: JoinMarks;
    };

/** One sample of one peer connection, in webrtc-stats names. */
export type QualitySample = {
  /** The other participant's id (peer to peer), or the direction of a transport to the Call Server. */
  leg: Uuid | 'send' | 'recv';
  /** RTCPeerConnectionState. */
  connectionState: string;
  pair?: CandidatePair | undefined;
  /** Seconds. */
  currentRoundTripTime?: number | undefined;
  /** bit/s, as the sender estimates it. */
  availableOutgoingBitrate?: number | undefined;
  bitrateIn?: number | undefined;
  bitrateOut?: number | undefined;
  packetsLost?: number | undefined;
  packetsReceived?: number | undefined;
  /** Of what was sent, as the other side reports it. */
  fractionLost?: number | undefined;
  /** Seconds; the worst of the incoming tracks. */
  jitter?: number | undefined;
  concealedSamples?: number | undefined;
  framesPerSecond?: number | undefined;
  frameWidth?: number | undefined;
  frameHeight?: number | undefined;
  framesDropped?: number | undefined;
  freezeCount?: number | undefined;
  qualityLimitationReason?: 'none' | 'cpu' | 'bandwidth' | 'other' | undefined;
};

/** From the click to the first frame, in milliseconds. */
export type JoinMarks = {
  /** The token is there. */
  token?: number | undefined;
  /** The WebSocket is open and the token accepted. */
  socket?: number | undefined;
  /** The join is in the log. */
  joined?: number | undefined;
  /** The first ICE connection stands. */
  ice?: number | undefined;
  /** The first DTLS connection stands. */
  dtls?: number | undefined;
  /** The first frame of somebody else is shown. */
  firstFrame?: number | undefined;
};

/** What the Call Server measured of a participant. */
export type CallTransportSampled = {
  specversion: '1.0';
  /** Unique among telemetry. */
  id: string;
  /** /gateways/<id> */
  source: string;
  /** The call. */
  subject: CallId;
  /** When it was written. */
  time: Time;
  tenantid: TenantId;
  schemaversion: 1;
  type: 'call.transport.sampled';
  data: {
    participantId: ParticipantId;
    /** bit/s to the participant. */
    availableOutgoingBitrate?: number | undefined;
    /** By track id. */
    producerScores: Record<string, Array<number>>;
    /** By consumer id. */
    consumerScores: Record<string, number>;
  };
};

export type TelemetryPage = {
  callId: CallId;
  /** In the order it was written; may be none though more follows. */
  telemetry: Array<CallCommandRejected | CallClientReported | CallTransportSampled>;
  /** Whether there is another page now. */
  more: boolean;
  /** Pass it as `after` for what follows, now or later; absent where there was nothing at all. */
  next?: string | undefined;
};

/** Something an application tells a user. */
export type UserMessage = {
  /** Yours: what it is, so that receivers may ignore what they do not know. */
  type: string;
  /** Yours: any JSON. The whole request has at most 16 kB. */
  data?: unknown | undefined;
};

/** Whether somebody is there. */
export type UserPresence = {
  userId: UserId;
  presence: Presence;
};

export type CommandMessage =
  | CallJoin
  | CallLeave
  | CallLock
  | CallUnlock
  | CallEnd
  | CallPublish
  | CallUnpublish
  | CallMute
  | CallUnmute
  | CallOffer
  | CallAnswer
  | CallCandidate
  | CallCapabilities
  | CallConnection
  | CallTransport
  | CallProduce
  | CallSwapped
  | CallBandwidth
  | CallRaiseHand
  | CallLowerHand
  | CallMuteParticipant
  | CallRemove;

export type TelemetryEvent = CallCommandRejected | CallClientReported | CallTransportSampled;

export type ClientCommandType = CommandMessage['type'];
