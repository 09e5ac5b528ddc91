import { fingerprintsSchema } from '@ringback/schemas';
import { expect, it } from 'vitest';
import { portsOf } from '../ports.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { makeCertificate } from './certificate.ts';

const value = Array.from({ length: 32 }, (_, n) => n.toString(16).padStart(2, '0')).join(':');
type Fingerprints = { algorithm?: string; value?: string }[];

/** A browser whose certificates have these fingerprints, told by themselves or by offers alone. */
function browser(fingerprints: Fingerprints, tells: 'itself' | 'offers') {
  const certificate = tells === 'itself' ? { getFingerprints: () => fingerprints } : {};
  const lines = fingerprints.map((print) => `a=fingerprint:${print.algorithm} ${print.value}`);
  class PeerConnection {
    static generateCertificate = async () => certificate;
    createDataChannel = () => {};
    // Once a media section.
    createOffer = async () => ({ sdp: ['v=0', ...lines, ...lines, ''].join('\r\n') });
    close = () => {};
  }
  const RTCPeerConnection = PeerConnection as unknown as typeof globalThis.RTCPeerConnection;
  return makeCertificate(portsOf({ clock: new FakeClock(), RTCPeerConnection }));
}

it.each(['itself', 'offers'] as const)(
  'tells its fingerprints as the platform takes them, from %s',
  async (tells) => {
    const made = await browser([{ algorithm: 'SHA-256', value }], tells);
    expect(made?.fingerprints).toEqual([{ algorithm: 'sha-256', value: value.toUpperCase() }]);
    expect(fingerprintsSchema.parse(made?.fingerprints)).toEqual(made?.fingerprints);
  },
);

it.each<[string, Fingerprints]>([
  ['none', []],
  ['one of an unknown algorithm', [{ algorithm: 'md5', value }]],
  ['one that is too short', [{ algorithm: 'sha-256', value: 'ab:cd' }]],
  ['one without a value', [{ algorithm: 'sha-256' }]],
  ['too many', Array(4).fill({ algorithm: 'sha-256', value })],
])(
  'is no certificate for a Call Server with fingerprints that would be refused: %s',
  async (_, fingerprints) => {
    expect(
      fingerprintsSchema.safeParse(fingerprints.map((f) => ({ ...f, value: f.value?.toUpperCase() })))
        .success,
    ).toBe(false);
    expect(await browser(fingerprints, 'itself')).toBeUndefined();
  },
);
