import { describe, expect, it } from 'vitest';
import { limits } from '../limits.ts';
import { rtpParametersSchema } from './media.ts';

type Parameters = Record<string, string | number | boolean | null>;
const withParameters = (parameters: Parameters) => ({
  codecs: [{ mimeType: 'video/H264', payloadType: 96, clockRate: 90_000, parameters }],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1, parameters }],
  encodings: [{ rid: 'r0' }],
});
const many = (count: number): Parameters =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`key-${n}`, n]));
/** Where it says no. */
const fields = (parameters: Parameters) =>
  rtpParametersSchema
    .safeParse(withParameters(parameters))
    .error?.issues.map(({ path }) => path.slice(0, 3).join('.'));

describe('parameters of codecs and header extensions', () => {
  it.each<[string, Parameters]>([
    ['of a browser', { 'profile-level-id': '42e01f', 'packetization-mode': 1, 'level-asymmetry-allowed': 1 }],
    ['as many as may be', many(limits.rtpParametersMax)],
    ['as long as may be', { key: 'x'.repeat(limits.rtpParameterLengthMax) }],
  ])('%s are taken', (_, parameters) => {
    expect(fields(parameters)).toBeUndefined();
  });

  it.each<[string, Parameters]>([
    ['too many', many(limits.rtpParametersMax + 1)],
    ['too long', { key: 'x'.repeat(limits.rtpParameterLengthMax + 1) }],
    ['longer as bytes than as characters', { key: '\u0001' }],
    ['under such a name', { ['\u0001']: 1 }],
    ['under too long a name', { ['k'.repeat(65)]: 1 }],
  ])('%s are not', (_, parameters) => {
    expect(fields(parameters)).toEqual(['codecs.0.parameters', 'headerExtensions.0.parameters']);
  });
});
