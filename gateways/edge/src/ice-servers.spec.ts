import { describe, expect, it } from 'vitest';
import { iceServers } from './ice-servers.ts';

const turn = { secret: 'turn-secret-of-this-test', host: undefined };
const beside = [{ port: 3478 }];
const nowMs = 1_763_576_674_816;
// printf '%s' '1763619874:host' | openssl dgst -sha1 -hmac 'turn-secret-of-this-test' -binary | openssl base64
const credentials = { username: '1763619874:host', credential: '0LIMC4Ci8fbXyYO2mhevqVfKzsE=' };

describe('iceServers', () => {
  it('gives credentials that end by themselves', () => {
    expect(iceServers(turn, beside, 'meet.example:8080', 'host', nowMs)).toEqual([
      { urls: ['stun:meet.example:3478'] },
      {
        urls: ['turn:meet.example:3478?transport=udp', 'turn:meet.example:3478?transport=tcp'],
        ...credentials,
      },
    ]);
  });

  it.each([
    ['meet.example', 'meet.example'],
    ['192.0.2.1:8080', '192.0.2.1'],
    ['[2001:db8::1]:8080', '[2001:db8::1]'],
    ['a b', 'localhost'],
    ['x?transport=udp', 'localhost'],
    ['', 'localhost'],
  ])('finds the server where the client found us: %s', (authority, host) => {
    expect(iceServers(turn, beside, authority, 'host', nowMs)[0]?.urls).toEqual([`stun:${host}:3478`]);
  });

  it('takes the host it was given', () => {
    const named = { ...turn, host: 'turn.example' };
    expect(iceServers(named, beside, 'meet.example', 'host', nowMs)[0]?.urls).toEqual([
      'stun:turn.example:3478',
    ]);
  });

  it('names each server, in order, TLS only where it is', () => {
    const servers = [
      { host: 'turn1.example', port: 3478, tlsPort: 443 },
      { host: 'turn2.example', port: 3479 },
    ];
    expect(iceServers(turn, servers, 'meet.example', 'host', nowMs)).toEqual([
      { urls: ['stun:turn1.example:3478'] },
      {
        urls: [
          'turn:turn1.example:3478?transport=udp',
          'turn:turn1.example:3478?transport=tcp',
          'turns:turn1.example:443?transport=tcp',
        ],
        ...credentials,
      },
      {
        urls: ['turn:turn2.example:3479?transport=udp', 'turn:turn2.example:3479?transport=tcp'],
        ...credentials,
      },
    ]);
  });
});
