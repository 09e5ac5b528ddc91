import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './nats-server.ts';

/** A TCP proxy whose wire can be cut in either direction: for lost requests and lost acknowledgements. */
export class TcpProxy {
  readonly port: number;
  /** Swallow what the server says. */
  deafen = false;
  /** Swallow what the client says. */
  silence = false;
  /** Sees everything before it goes on, and may change it, or cut the wire in front of it. */
  onData: ((from: 'client' | 'server', data: Buffer) => Buffer | void) | undefined;
  /** Bytes swallowed so far. */
  swallowed = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number, server: Server) {
    this.port = port;
    this.#server = server;
  }

  static async to(target: number): Promise<TcpProxy> {
    const port = await freePort();
    const server = createServer();
    const proxy = new TcpProxy(port, server);
    server.on('connection', (client) => proxy.#join(client, connect(target, '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  /** Ends all connections; clients connect anew through a wire that is whole again. */
  heal(): void {
    this.deafen = false;
    this.silence = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.heal();
    this.#server.close();
  }

  #join(client: Socket, server: Socket): void {
    client.on('data', (data) => {
      const passed = this.onData?.('client', data) ?? data;
      if (this.silence) this.swallowed += data.length;
      else server.write(passed);
    });
    server.on('data', (data) => {
      const passed = this.onData?.('server', data) ?? data;
      if (this.deafen) this.swallowed += data.length;
      else client.write(passed);
    });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      const end = () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      };
      socket.on('close', end);
      socket.on('error', end);
    }
  }
}
