import { freePort } from '../../deploy/local/src/ports.ts';

/**
 * The first of so many ports in a row that nothing listens on now. Below those that the kernel gives to outgoing connections
 * (32768 and up on Linux): one of them may hold a port that a server wants back after its restart.
 */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 12_000 + Math.floor(Math.random() * 16_000);
    const wanted = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(wanted.map((port) => freePort(port, '127.0.0.1')));
    if (free.every((port, i) => port === wanted[i])) return first;
  }
}
