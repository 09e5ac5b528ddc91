// A STUN binding request (RFC 8489) over UDP: enough to see whether a STUN and TURN server answers.

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const magicCookie = 0x2112a442;
/** Type, length, cookie, transaction (section 5). Bytes. */
const headerBytes = 20;

/** Whether the server at host:port gives a binding success to a request of ours. Never rejects. */
export function answersStun(host: string, port: number, timeoutMs: number): Promise<boolean> {
  const transaction = randomBytes(12);
  const request = Buffer.alloc(headerBytes);
  request.writeUInt16BE(bindingRequest, 0);
  request.writeUInt32BE(magicCookie, 4);
  transaction.copy(request, 8);
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    let over = false;
    const done = (result: boolean) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      socket.close();
      resolve(result);
    };
    const timer = setTimeout(() => done(false), timeoutMs);
    socket.on('error', () => done(false));
    socket.on('message', (reply) => {
      const isOurs = reply.length >= headerBytes && reply.subarray(8, headerBytes).equals(transaction);
      if (isOurs) done(reply.readUInt16BE(0) === bindingSuccess);
    });
    // Connected: the system passes on only what comes from this address and port, and says where nobody listens.
    socket.on('connect', () => socket.send(request));
    try {
      socket.connect(port, host);
    } catch {
      done(false);
    }
  });
}
