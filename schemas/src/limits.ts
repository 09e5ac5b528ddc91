/** Bounds of the contract. Each is checked by a schema, so that no reader has to think of larger values. */
export const limits = {
  /** A display name is shown on a tile; longer ones are not read. Characters. */
  displayNameLengthMax: 80,
  /** A call's name stands in one line of a list. Characters. */
  callNameLengthMax: 120,
  /** Chromium's offer with all codecs and 8 tracks is about 20 kB. Bytes of UTF-16, measured as string length. */
  sdpLengthMax: 60_000,
  /** A candidate line is about 120 characters; with long extensions 300. */
  candidateLengthMax: 1_000,
  /** Ids are UUIDs or prefixed UUIDs; users of outside systems may be longer (an e-mail address is at most 254). */
  idLengthMax: 128,
  userIdLengthMax: 256,
  /** Camera, microphone, screen, screen audio, and room for second devices. */
  tracksPerParticipantMax: 8,
  /** Codecs a browser lists with their profiles: Chromium 156 has 27. */
  codecsMax: 64,
  /** One who speaks and a hundred who listen, with room: 200 consumers and a command that names everybody. */
  participantsMax: 128,
  /** Everybody's audio and video for everybody else is 50 * 49 * 2 consumers: as many as one mediasoup worker carries at low layers. */
  participantsDefault: 50,
  /** Without a Call Server everyone sends to everyone, and 8 uplinks of 720p are past what a home line gives. */
  meshMax: 8,
  /** Two people again: whoever just left may come back. Milliseconds before the way back to peer to peer. */
  routeCalmMs: 8_000,
  /** A switch that somebody does not finish (their new leg never connects) is over after this. Milliseconds. */
  routeSettleMs: 15_000,
  /** Peer connections of one call that are remembered to have failed: all pairs of a mesh. */
  failedConnectionsMax: 28,
  /** Call Servers that are weighed for one decision, and stand in its event. */
  callServersMax: 16,
  /** RTP header extensions a browser lists: Chromium 156 has 14 for video. */
  headerExtensionsMax: 32,
  /** A header extension's URI. */
  uriLengthMax: 256,
  /** Parameters of one codec or header extension: the longest known, opus and H264, have fewer than ten. */
  rtpParametersMax: 16,
  /** … and the length of one. A Call Server repeats them to everybody who receives the track. Characters. */
  rtpParameterLengthMax: 128,
  /** One codec with its rtx, doubled for browsers that offer more. */
  producerCodecsMax: 8,
  /** Simulcast has three; RFC 8853 sets no bound. */
  encodingsMax: 4,
  /** Named values in one decision: the sample that it rests on. */
  samplesMax: 32,
  /** Quality samples in one report: a mesh of eight, or two transports. */
  reportSamplesMax: 16,
  /** Consumers named in one message about tile sizes: everybody's camera and screen. */
  tilesMax: 128,
  /** People who were ever in one call, kept so that they may read its timeline. */
  participantsEverMax: 500,
  /** Twelve hours: a working day with room, so that a forgotten call ends. Milliseconds. */
  callDurationMsMax: 12 * 3_600_000,
  callDurationMsDefault: 12 * 3_600_000,
  /** Nobody in the call any more: time to reload both pages, not more. Milliseconds. */
  emptyTimeoutMsDefault: 60_000,
  emptyTimeoutMsMax: 24 * 3_600_000,
  /** Nobody came yet: the link was just sent. Milliseconds. */
  firstJoinTimeoutMs: 30 * 60_000,
  /** A lost socket comes back within seconds; a laptop lid that shuts does not. Milliseconds. */
  graceMs: 30_000,
  /** Commands remembered per participant, so that a repeat gets its first reply: twice what a gateway lets one session have unanswered. */
  recentCommandsMax: 512,
  /** Events one HTTP page returns. */
  eventsPageMax: 1_000,
  /** Telemetry one HTTP page returns: a report may have 16 samples, 8 kB. */
  telemetryPageMax: 500,
  /** Names in one line of a list. */
  summaryPeopleMax: 20,
  /** Calls one list returns. */
  callsPageMax: 200,
  /** People whose presence one HTTP request asks for: their ids stand in its address, which has 4 kB with all headers. */
  presenceUsersMax: 50,
  /** People whose presence one socket follows: everybody on a page of contacts, not a whole company. */
  followedUsersMax: 200,
  /** A message's type is read by programs. Characters. */
  userMessageTypeLengthMax: 64,
  /** What is nested deeper than this is an attack on whoever reads it by recursion. Levels. */
  userMessageDepthMax: 16,
  /** Parked calls one answer names. */
  parkedPageMax: 500,
} as const;
