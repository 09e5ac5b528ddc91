import { freePort as nextFree } from '../../deploy/local/src/ports.ts';
import { freePort } from './nats-server.ts';

/** The first of so many ports in a row that nothing listens on now. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await freePort();
    const wanted = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(wanted.map((port) => nextFree(port, '127.0.0.1')));
    if (free.every((port, i) => port === wanted[i])) return first;
  }
}
