import type { ConsumerDescription, RtpParameters, TransportOptions } from '@ringback/schemas';

/** The few lines of SDP (RFC 8866, RFC 8829) between a plain WebRTC client and a mediasoup transport's parameters. */

type Codec = RtpParameters['codecs'][number];
type ReceivedTrack = Pick<ConsumerDescription, 'kind' | 'rtpParameters'>;

/** What a client's offer of send-only tracks says, as mediasoup takes it. */
export function sentTracks(offer: string): ReceivedTrack[] {
  return mediaSections(offer).map((section) => {
    const kind = section.startsWith('audio') ? 'audio' : 'video';
    const [, payloadType, codecName, clockRate, channels] =
      /^a=rtpmap:(\d+) ([^/\r\n]+)\/(\d+)(?:\/(\d+))?/m.exec(section)!;
    const feedback = [...section.matchAll(/^a=rtcp-fb:\d+ (\S+) ?(\S*)/gm)];
    const codec: Codec = {
      mimeType: `${kind}/${codecName}`,
      payloadType: Number(payloadType),
      clockRate: Number(clockRate),
      ...(channels === undefined ? {} : { channels: Number(channels) }),
      parameters: {},
      rtcpFeedback: feedback.map(([, type, parameter]) => ({ type: type!, parameter: parameter! })),
    };
    const extensions = [...section.matchAll(/^a=extmap:(\d+)\S* (\S+)/gm)];
    const [, ssrc, cname] = /^a=ssrc:(\d+) cname:(\S+)/m.exec(section)!;
    return {
      kind,
      rtpParameters: {
        mid: midOf(section),
        codecs: [codec],
        headerExtensions: extensions.map(([, id, uri]) => ({ uri: uri!, id: Number(id) })),
        encodings: [{ ssrc: Number(ssrc) }],
        rtcp: { cname: cname!, reducedSize: true },
      },
    };
  });
}

/** A transport's answer to that offer: it takes everything as it comes. */
export function answerTo(offer: string, transport: TransportOptions): string {
  const tracks = sentTracks(offer);
  return sessionOf(
    tracks.map(({ kind, rtpParameters }) => section(kind, rtpParameters, transport, 'recvonly')),
    tracks.map(({ rtpParameters }) => rtpParameters.mid!),
  );
}

/** A transport's offer of everything that is to be received over it. */
export function offerOf(consumers: readonly ReceivedTrack[], transport: TransportOptions): string {
  return sessionOf(
    consumers.map(({ kind, rtpParameters }) => {
      const ssrc = rtpParameters.encodings[0]!.ssrc!;
      const cname = rtpParameters.rtcp?.cname ?? 'call-server';
      const lines = [`a=msid:${ssrc} ${ssrc}`, `a=ssrc:${ssrc} cname:${cname}`];
      return (
        section(kind, rtpParameters, transport, 'sendonly') + lines.map((line) => `${line}\r\n`).join('')
      );
    }),
    consumers.map(({ rtpParameters }) => rtpParameters.mid!),
  );
}

const mediaSections = (sdp: string) => sdp.split(/^m=/m).slice(1);
const midOf = (section: string) => /^a=mid:(\S+)/m.exec(section)![1]!;

function sessionOf(sections: readonly string[], mids: readonly string[]): string {
  const head = [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    'a=ice-lite',
    `a=group:BUNDLE ${mids.join(' ')}`,
    'a=msid-semantic: WMS *',
  ];
  return head.map((line) => `${line}\r\n`).join('') + sections.join('');
}

function section(
  kind: 'audio' | 'video',
  { mid, codecs, headerExtensions = [] }: RtpParameters,
  { iceParameters, iceCandidates, dtlsParameters }: TransportOptions,
  direction: 'recvonly' | 'sendonly',
): string {
  const lines = [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${codecs.map(({ payloadType }) => payloadType).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    // The client connects: the server was given its fingerprint before.
    'a=setup:passive',
    ...dtlsParameters.fingerprints.map(({ algorithm, value }) => `a=fingerprint:${algorithm} ${value}`),
    ...codecs.flatMap(codecLines),
    ...headerExtensions.map(({ id, uri }) => `a=extmap:${id} ${uri}`),
    ...iceCandidates
      .filter(({ protocol }) => protocol === 'udp')
      .map(
        ({ foundation, priority, address, port }) =>
          `a=candidate:${foundation} 1 udp ${priority} ${address} ${port} typ host`,
      ),
    'a=end-of-candidates',
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

function codecLines({ payloadType, mimeType, clockRate, channels, rtcpFeedback = [] }: Codec): string[] {
  const name = mimeType.slice(mimeType.indexOf('/') + 1);
  return [
    `a=rtpmap:${payloadType} ${name}/${clockRate}${channels === undefined ? '' : `/${channels}`}`,
    ...rtcpFeedback.map(({ type, parameter = '' }) =>
      `a=rtcp-fb:${payloadType} ${type} ${parameter}`.trimEnd(),
    ),
  ];
}
