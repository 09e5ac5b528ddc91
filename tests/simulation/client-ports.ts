import type { Ports } from '../../clients/sdk/src/ports.ts';
import { delayOf } from './broker.ts';
import type { Process } from './process.ts';
import { webSocketOf, type Front } from './socket.ts';

/** What the SDK takes from its runtime, on a simulated page. */
export function clientPorts(process: Process, front: Front) {
  const { clock, ids } = process;
  const listeners = new Set<() => void>();
  let last = '';
  return {
    clock: {
      now: clock.now,
      setTimeout: (run: () => void, delayMs: number) => clock.after(delayMs, run),
      clearTimeout: (cancel: unknown) => (cancel as (() => void) | undefined)?.(),
    },
    random: ids.random,
    uuid: () => (last = ids.uuidV7(clock.now())),
    /** The id of the command that was made last. */
    lastUuid: () => last,
    WebSocket: webSocketOf(front, process),
    fetch: fetchOf(process, front),
    RTCPeerConnection: undefined,
    onNetworkChange: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    changeNetwork: () => {
      for (const listener of [...listeners]) listener();
    },
  };
}

/** `POST /v1/calls`, the one request that is made here. What goes wrong on the way is a network error. */
function fetchOf(process: Process, front: Front): Ports['fetch'] {
  const delay = delayOf(front.world, front.shape);
  const fetch = (_: string, init: { headers: Record<string, string>; body: string; signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      init.signal.addEventListener('abort', () => reject(new Error('aborted')));
      const edge = front.pick();
      const lost = () => process.enter(() => reject(new TypeError('the connection is gone')));
      const head = {
        authorization: init.headers['authorization'] ?? '',
        host: 'front',
        address: process.name,
      };
      front.world.after(delay(), () => {
        if (edge === undefined || !edge.process.alive) return lost();
        edge.process.enter(() => {
          front.world.note(edge.process.name, `gets a request from ${process.name}`, init.body);
          void edge.api.createCall(head as never, Buffer.from(init.body)).then(({ status, body }) => {
            const response = { ok: status < 300, status, text: async () => String(body) };
            if (!edge.process.alive) return lost();
            // Now and then the answer is lost: the request is made again, and must not make a second call.
            const isLost = front.world.chance.is(front.doubling);
            front.world.after(delay(), isLost ? lost : () => process.enter(() => resolve(response)));
          });
        });
      });
    });
  return fetch as unknown as Ports['fetch'];
}
