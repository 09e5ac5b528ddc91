import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { limits, type RejectionCode } from '@ringback/schemas';
import { edgeLimits } from '@ringback/edge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { command, join, refusals, unknownCall } from '../support/refusals.ts';
import { waitFor } from '../support/wait-for.ts';
import { joinAs } from '../support/ws-client.ts';

let platform: InProcessPlatform;
beforeAll(async () => void (platform = await InProcessPlatform.start()));
afterAll(() => platform.close());
const { refused, kept, closedBy, livesOn } = refusals(() => platform);

const tiles = (value: object) => ({ type: 'tiles', callId: unknownCall, tiles: value });
const report = (value: object) => ({ type: 'report', callId: unknownCall, report: value });
const size = { width: 1, height: 1 };
const sample = { leg: 'send', connectionState: 'connected' };
const transport = (more: object) =>
  command('call.transport', unknownCall, { direction: 'send', epoch: 1, state: 'connected', ...more });
const vp8 = { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 };
const ofRtp = 'data.producers.0.rtpParameters';
const produce = (more: object) =>
  command('call.produce', unknownCall, {
    epoch: 1,
    producers: [
      {
        ...{ producerId: randomUUID(), trackId: 'camera', rtpParameters: { codecs: [vp8], encodings: [{}] } },
        ...more,
      },
    ],
  });
const rtp = (more: object) => produce({ rtpParameters: { codecs: [vp8], encodings: [{}], ...more } });
const somebody = { participantId: randomUUID() };
const capabilities = { version: 2, audioCodecs: [], videoCodecs: [], screenShare: true, userAgent: '' };

describe('messages', () => {
  it.each([
    ['not JSON', '{"type":', 'malformed', undefined],
    ['nothing', '', 'malformed', undefined],
    ['a list', '[]', 'malformed', undefined],
    ['a number', '7', 'malformed', undefined],
    ['null', 'null', 'malformed', undefined],
    ['a deep list', `${'['.repeat(60_000)}${']'.repeat(60_000)}`, 'malformed', undefined],
    ['an unknown type', '{"type":"call.explode"}', 'unknown_type', 'type'],
    ['an inherited type', '{"type":"constructor"}', 'unknown_type', 'type'],
    ['a command of the platform', '{"type":"call.deadline"}', 'unknown_type', 'type'],
    ['a command of a Call Server', '{"type":"call.transports"}', 'unknown_type', 'type'],
    ['a command of the owner', '{"type":"call.route"}', 'unknown_type', 'type'],
    ['no type', '{}', 'invalid', 'type'],
    ['a type that is no text', '{"type":7}', 'invalid', 'type'],
  ] as const)('%s', async (_, text, code, field) => {
    const client = await platform.client(platform.token('host'));
    await refused(client, text, code, field);
    await kept(client);
  });

  it.each([
    ['a call id that is none', command('call.leave', 'nowhere'), 'callId'],
    ['a number for a text', join(unknownCall, randomUUID(), { displayName: 7 }), 'data.displayName'],
    ['a name that hides', join(unknownCall, randomUUID(), { displayName: 'a\u202eb' }), 'data.displayName'],
    ['a text for an object', { ...command('call.leave', unknownCall), data: 'x' }, 'data'],
    ['something more', command('call.leave', unknownCall, { more: 1 }), 'data'],
    ['a gateway of its own', join(unknownCall, randomUUID(), { gateway: 'edge-9/1' }), 'data'],
    [
      'a track id that is a prototype',
      command('call.mute', unknownCall, { trackId: '__proto__' }),
      'data.trackId',
    ],
    ['an id that is no UUID', { ...command('call.leave', unknownCall), id: '1' }, 'id'],
    [
      'an SDP that is too long',
      command('call.offer', unknownCall, {
        to: randomUUID(),
        connectionId: 'ab',
        sdp: `v=0${'x'.repeat(limits.sdpLengthMax)}`,
      }),
      'data.sdp',
    ],
    ['a size below nothing', tiles({ [randomUUID()]: { width: -1, height: 1 } }), /^tiles\..{36}\.width$/],
    ['a size that is a half', tiles({ [randomUUID()]: { width: 1, height: 0.5 } }), /^tiles\..{36}\.height$/],
    ['a size of no consumer', tiles({ all: { width: 1, height: 1 } }), 'tiles.all'],
    ['who speaks in words', tiles({ [randomUUID()]: { ...size, speaking: 'yes' } }), /\.speaking$/],
    [
      'too many sizes',
      tiles(Object.fromEntries(Array.from({ length: limits.tilesMax + 1 }, () => [randomUUID(), size]))),
      'tiles',
    ],
    ['a report of no kind', report({ kind: 'mood' }), 'report.kind'],
    ['a report without samples', report({ kind: 'quality', samples: [] }), 'report.samples'],
    [
      'too many samples',
      report({ kind: 'quality', samples: Array(limits.reportSamplesMax + 1).fill(sample) }),
      'report.samples',
    ],
    ['a sample of no leg', report({ kind: 'quality', samples: [{ ...sample, leg: 'x' }] }), /\.0\.leg$/],
    [
      'a sample below nothing',
      report({ kind: 'quality', samples: [{ ...sample, jitter: -1 }] }),
      'report.samples.0.jitter',
    ],
    [
      'a mark that is no time',
      report({ kind: 'join', route: 'p2p', marks: { ice: '140' } }),
      'report.marks.ice',
    ],
    ['a join by no route', report({ kind: 'join', route: 'x', marks: {} }), 'report.route'],
    ['a direction that is none', transport({ direction: 'up' }), 'data.direction'],
    ['an epoch below the first', transport({ epoch: -1 }), 'data.epoch'],
    ['a state that is none', transport({ state: 'new' }), 'data.state'],
    ['a restart in words', transport({ restart: 'yes' }), 'data.restart'],
    ['a pair of addresses', transport({ pair: { address: '192.0.2.1' } }), /^data\.pair/],
    ['no producers', command('call.produce', unknownCall, { epoch: 1, producers: [] }), 'data.producers'],
    ['a producer of no id', produce({ producerId: 'x' }), 'data.producers.0.producerId'],
    ['no RTP parameters', produce({ rtpParameters: undefined }), 'data.producers.0.rtpParameters'],
    ['no codec', rtp({ codecs: [] }), `${ofRtp}.codecs`],
    ['a codec of no kind', rtp({ codecs: [{ ...vp8, mimeType: 'VP8' }] }), `${ofRtp}.codecs.0.mimeType`],
    [
      'a payload type of 8 bits',
      rtp({ codecs: [{ ...vp8, payloadType: 128 }] }),
      `${ofRtp}.codecs.0.payloadType`,
    ],
    [
      'nested codec parameters',
      rtp({ codecs: [{ ...vp8, parameters: { a: {} } }] }),
      `${ofRtp}.codecs.0.parameters.a`,
    ],
    ['too many encodings', rtp({ encodings: Array(limits.encodingsMax + 1).fill({}) }), `${ofRtp}.encodings`],
    ['an SSRC of 33 bits', rtp({ encodings: [{ ssrc: 2 ** 32 }] }), `${ofRtp}.encodings.0.ssrc`],
    ['a rid with a space', rtp({ encodings: [{ rid: 'r 0' }] }), `${ofRtp}.encodings.0.rid`],
    [
      'a header extension of no id',
      rtp({ headerExtensions: [{ uri: 'urn:x', id: 0 }] }),
      `${ofRtp}.headerExtensions.0.id`,
    ],
    [
      'a sample that is no number',
      command('call.swapped', unknownCall, { epoch: 1, samples: { gapMs: '117' } }),
      'data.samples.gapMs',
    ],
    [
      'a decision that is none',
      command('call.bandwidth', unknownCall, { decision: 'video-off', samples: {} }),
      'data.decision',
    ],
    ['nobody to remove', command('call.remove', unknownCall), 'data.participantId'],
    ['no track to mute', command('call.mute-participant', unknownCall, somebody), 'data.trackId'],
    [
      'a hand of no id',
      command('call.lower-hand', unknownCall, { participantId: 'x' }),
      'data.participantId',
    ],
    ['a hand with more', command('call.raise-hand', unknownCall, somebody), 'data'],
    [
      'a fingerprint in lower case',
      join(unknownCall, randomUUID(), { fingerprints: [{ algorithm: 'sha-256', value: 'ab:'.repeat(32) }] }),
      'data.fingerprints.0.value',
    ],
    [
      'a version of capabilities that is not yet',
      command('call.capabilities', unknownCall, { capabilities: { ...capabilities, version: 3 } }),
      'data.capabilities.version',
    ],
  ])('names the field: %s', async (_, message, field) => {
    const client = await platform.client(platform.token('host'));
    await refused(client, message, 'invalid', field);
    await kept(client);
  });

  it('members named __proto__, and depth', async () => {
    const client = await platform.client(platform.token('host'));
    const start = `{"type":"call.leave","id":"${randomUUID()}","callId":"${unknownCall}"`;
    await refused(client, `${start},"__proto__":{"admin":true},"data":{}}`, 'invalid');
    await refused(client, `${start},"data":{"__proto__":{"admin":true}}}`, 'invalid', 'data');
    await refused(
      client,
      `${start},"data":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
      'invalid',
      'data',
    );
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    await kept(client);
  });

  it('a binary frame', async () => {
    const client = await platform.client(platform.token('host'));
    const replies = client.of('reply').length;
    client.sendRaw(new Uint8Array([123, 125]));
    const reply = await waitFor(() => client.of('reply')[replies], 'the refusal');
    expect(reply).toMatchObject({ ok: false, error: { code: 'binary_not_supported' } });
    await kept(client);
  });

  it('again and again no JSON: closed with 4000', async () => {
    const client = await platform.client(platform.token('host'));
    for (let i = 0; i < edgeLimits.malformedMax; i++) client.sendRaw('x');
    await closedBy(client, 4000);
    expect(client.of('bye')).toMatchObject([{ code: 4000 }]);
  });

  it('a message over the limit: refused, closed with 1009', async () => {
    const client = await platform.client(platform.token('host'));
    await refused(client, 'x'.repeat(edgeLimits.messageBytesMax + 1), 'too_large');
    await closedBy(client, 1009);
  });

  it('a frame of 10 MB: the socket ends at its header', async () => {
    const client = await platform.client(platform.token('host'));
    client.sendRaw('x'.repeat(10_000_000));
    await closedBy(client, 1006);
  });

  it('bytes that are no text, and frames without a mask: the socket ends', async () => {
    const { port } = new URL(platform.url);
    const masked = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]);
    for (const frame of [masked, Buffer.from([0x81, 0x02, 0x7b, 0x7d]), Buffer.from([0xff, 0xff, 0xff])]) {
      const socket = connect(Number(port), '127.0.0.1');
      const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
      // What an abrupt end looks like is the kernel's choice.
      socket.on('error', () => {});
      socket.once('data', () => socket.write(frame));
      socket.resume();
      socket.write(
        `GET /v1/ws HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
          `sec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
      await ended;
    }
    await livesOn();
  });

  it('too many: rate_limited, then closed with 4100', async () => {
    const client = await platform.client(platform.token('host'));
    const flood = edgeLimits.messagesBurst + edgeLimits.rateRefusalsMax + 200;
    for (let i = 0; i < flood; i++) client.send({ type: 'unwatch', id: randomUUID(), callId: unknownCall });
    await closedBy(client, 4100);
    const replies = client.of('reply');
    expect(replies.filter((r) => r.ok).length).toBeGreaterThanOrEqual(edgeLimits.messagesBurst - 1);
    expect(replies.at(-1)).toMatchObject({ ok: false, error: { code: 'rate_limited' } });
  });
});

describe('tokens', () => {
  const hour = Math.floor(Date.now() / 1_000) + 3_600;
  it.each<[string, () => string, RejectionCode]>([
    ['forged', () => `${platform.token('host').slice(0, -4)}AAAA`, 'token_invalid'],
    ['no token at all', () => 'x', 'token_invalid'],
    [
      'of another key, in the name of this tenant',
      () => platform.sign({ sub: 'host', tenant: 'default' }, 'other'),
      'token_invalid',
    ],
    [
      'in the name of this key, signed with another',
      () => platform.sign({ sub: 'host' }, 'default', { secret: 'x'.repeat(40) }),
      'token_invalid',
    ],
    [
      'without a signature',
      () => {
        const [, claims] = platform.token('host').split('.');
        return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
      },
      'token_invalid',
    ],
    [
      'with another algorithm in its header',
      () => platform.sign({ sub: 'host' }, 'default', { header: { alg: 'HS512' } }),
      'token_invalid',
    ],
    ['expired', () => platform.sign({ sub: 'host', exp: hour - 7_200 }), 'token_expired'],
    ['without an expiry', () => platform.sign({ sub: 'host', exp: undefined }), 'token_invalid'],
    ['for another audience', () => platform.sign({ sub: 'host', aud: 'elsewhere' }), 'token_invalid'],
    ['without a user', () => platform.sign({}), 'token_invalid'],
    ['with a user that is none', () => platform.sign({ sub: 'a b' }), 'token_invalid'],
    ['of an unknown issuer', () => platform.sign({ sub: 'host', iss: 'nobody' }), 'token_invalid'],
  ] as const)('%s: refused, closed with 4002, and 401 over HTTP', async (_, make, code) => {
    const token = make();
    const client = await platform.client();
    await refused(client, { type: 'connect', protocol: 1, token }, code);
    await closedBy(client, 4002);
    const response = await fetch(`${platform.url}/v1/calls`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.json()).toMatchObject({ code });
  });

  it('another version of the protocol names the field', async () => {
    const client = await platform.client();
    await refused(
      client,
      { type: 'connect', protocol: 2, token: platform.token('host') },
      'invalid',
      'protocol',
    );
  });

  it('a command before connect', async () => {
    const client = await platform.client();
    await refused(client, join(unknownCall), 'not_connected');
    client.send({ type: 'connect', id: randomUUID(), protocol: 1, token: platform.token('host') });
    await waitFor(() => client.of('connected')[0], 'the connected message');
  });

  it('another one on the same socket: of the same user only, and heard of in time', async () => {
    const short = Math.floor(Date.now() / 1_000) + 60;
    const client = await platform.client(
      platform.sign({ sub: 'host', exp: short, video: { roomJoin: true } }),
    );
    const expiring = await waitFor(() => client.of('token.expiring')[0], 'word of the end');
    expect(expiring.expiresAt).toBe(short * 1_000);
    await refused(client, { type: 'token.renew', token: platform.token('guest') }, 'token_mismatch');
    await refused(client, { type: 'token.renew', token: platform.token('host', 'other') }, 'token_mismatch');
    await refused(client, { type: 'token.renew', token: 'x' }, 'token_invalid');
    client.send({ type: 'token.renew', id: randomUUID(), token: platform.token('host') });
    const renewed = await waitFor(() => client.of('token.renewed')[0], 'the new end');
    expect(renewed.expiresAt).toBeGreaterThan(expiring.expiresAt);
    await kept(client);
  });

  it('that ends: closed with 4004 at its second, and nothing is heard after it', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client: host } = await platform.join(callId, 'host');
    const exp = Math.floor(Date.now() / 1_000) + 5;
    const client = await platform.client(platform.sign({ sub: 'guest', exp, video: { roomJoin: true } }));
    expect(await client.ask(joinAs(callId, randomUUID(), 'Guest'))).toMatchObject({ ok: true });
    await closedBy(client, 4004);
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000);
    expect(client.of('bye')).toMatchObject([{ code: 4004 }]);
    const heard = client.heard.length;
    expect(await host.ask({ type: 'call.lock', callId, data: {} })).toMatchObject({ ok: true });
    await waitFor(
      () => host.deliveries(callId).some(({ event }) => event.type === 'call.locked'),
      'the lock',
    );
    expect(client.heard).toHaveLength(heard);
  });

  it('a second connect', async () => {
    const client = await platform.client(platform.token('host'));
    await refused(
      client,
      { type: 'connect', protocol: 1, token: platform.token('guest') },
      'already_connected',
    );
    await kept(client);
  });
});
