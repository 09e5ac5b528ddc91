import { describe, expect, it } from 'vitest';
import { iceServers } from './ice-servers.ts';

const turn = { secret: 'turn-secret-of-this-test', port: 3478, host: undefined };
const nowMs = 1_763_576_674_816;

describe('iceServers', () => {
  it('gives credentials that end by themselves', () => {
    // printf '%s' '1763619874:host' | openssl dgst -sha1 -hmac 'turn-secret-of-this-test' -binary | openssl base64
    expect(iceServers(turn, 'meet.example:8080', 'host', nowMs)).toEqual([
      { urls: ['stun:meet.example:3478'] },
      {
        urls: ['turn:meet.example:3478?transport=udp', 'turn:meet.example:3478?transport=tcp'],
        username: '1763619874:host',
        credential: '0LIMC4Ci8fbXyYO2mhevqVfKzsE=',
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
    expect(iceServers(turn, authority, 'host', nowMs)[0]?.urls).toEqual([`stun:${host}:3478`]);
  });

  it('takes the host it was given, and offers nothing without a server', () => {
    expect(iceServers({ ...turn, host: 'turn.example' }, 'meet.example', 'host', nowMs)[0]?.urls).toEqual([
      'stun:turn.example:3478',
    ]);
    expect(iceServers(undefined, 'meet.example', 'host', nowMs)).toEqual([]);
  });
});
