import { fingerprints as form, type Fingerprint } from '@ringback/schemas';
import { sdkLimits } from '../limits.ts';
import type { Ports } from '../ports.ts';

/** A certificate for the connections to the Call Server, and its fingerprints as the Call Server takes them. */
export interface PageCertificate {
  certificate: RTCCertificate;
  fingerprints: Fingerprint[];
}

/**
 * Makes a certificate before it is needed (W3C webrtc-pc section 4.9), so that the Call Server can begin DTLS without
 * asking. Undefined where that can not be done, in time at least: then this page can not use a Call Server.
 */
export function makeCertificate(ports: Ports): Promise<PageCertificate | undefined> | undefined {
  const { RTCPeerConnection: PeerConnection, clock } = ports;
  if (typeof PeerConnection?.generateCertificate !== 'function') return undefined;
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve(undefined), sdkLimits.certificateMsMax);
    void generate(PeerConnection)
      .catch(() => undefined)
      .then((made) => {
        clock.clearTimeout(timer);
        resolve(made);
      });
  });
}

async function generate(PeerConnection: typeof RTCPeerConnection): Promise<PageCertificate | undefined> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const certificate = await PeerConnection.generateCertificate(algorithm);
  const known = fingerprintsOf(certificate) ?? (await fingerprintsOffered(PeerConnection, certificate));
  const fingerprints = known.map(({ algorithm: hash, value }) => ({
    algorithm: hash?.toLowerCase(),
    value: value?.toUpperCase(),
  }));
  return areFingerprints(fingerprints) ? { certificate, fingerprints } : undefined;
}

/** As the platform takes them; else it would refuse the join. */
function areFingerprints(
  all: { algorithm: string | undefined; value: string | undefined }[],
): all is Fingerprint[] {
  const { algorithms, value: pattern, countMax } = form;
  const isOne = ({ algorithm, value }: (typeof all)[number]) =>
    algorithms.some((known) => known === algorithm) && value !== undefined && pattern.test(value);
  return all.length > 0 && all.length <= countMax && all.every(isOne);
}

function fingerprintsOf(certificate: RTCCertificate): RTCDtlsFingerprint[] | undefined {
  return typeof certificate.getFingerprints === 'function' ? certificate.getFingerprints() : undefined;
}

/** Firefox has no `getFingerprints`; every offer names them (RFC 8122). */
async function fingerprintsOffered(
  PeerConnection: typeof RTCPeerConnection,
  certificate: RTCCertificate,
): Promise<RTCDtlsFingerprint[]> {
  const pc = new PeerConnection({ certificates: [certificate] });
  try {
    pc.createDataChannel('');
    const { sdp = '' } = await pc.createOffer();
    const lines = [...sdp.matchAll(/^a=fingerprint:(\S+) (\S+)\r?$/gm)];
    const unique = new Map(lines.map(([line, algorithm, value]) => [line, { algorithm, value }]));
    return [...unique.values()] as RTCDtlsFingerprint[];
  } finally {
    pc.close();
  }
}
