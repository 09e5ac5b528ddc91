import { describe, expect, it } from 'vitest';
import uws, { App, us_listen_socket_close, us_socket_local_port } from './uws.ts';

describe('uWebSockets.js', () => {
  it('loads on this machine and serves a request', async () => {
    const app = App().get('/hello', (response) => void response.end('hello'));
    const listening = await new Promise<Parameters<typeof us_listen_socket_close>[0] | false>((resolve) =>
      app.listen('127.0.0.1', 0, resolve),
    );
    if (listening === false) throw new Error('no free port');
    try {
      const response = await fetch(`http://127.0.0.1:${us_socket_local_port(listening)}/hello`);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('hello');
    } finally {
      us_listen_socket_close(listening);
    }
  });

  it('has what the edge needs on the default export as well', () => {
    expect(uws.App).toBe(App);
    expect(typeof uws.SHARED_COMPRESSOR).toBe('number');
  });
});
