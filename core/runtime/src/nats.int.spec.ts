import { spawn } from 'node:child_process';
import { natsServerPath } from './native-parts.ts';
import { expect, it } from 'vitest';
import { NatsCluster } from '../../../tests/support/nats-cluster.ts';
import { freePort } from '../../../tests/support/nats-server.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { connectNats } from './nats.ts';

it('whose server freezes goes to another one, while the frozen one still takes connections', async () => {
  const servers = await Promise.all([NatsCluster.start(1), NatsCluster.start(1)]);
  const nc = await connectNats(servers[0].address('test', servers.map(({ url }) => url).join(',')));
  try {
    const portOf = () => Number(nc.getServer().split(':').at(-1));
    const frozen = servers.map(({ nodes }) => nodes[0]!).find(({ port }) => port === portOf())!;
    frozen.freeze();
    // Shorter than the client's own patience with a server that says nothing.
    await waitFor(
      () => portOf() !== frozen.port && nc.info?.port !== frozen.port,
      'the other server',
      15_000,
    );
    await nc.flush();
  } finally {
    await nc.close();
    await Promise.all(servers.map((server) => server.stop()));
  }
});

it('says who was refused, and what to set; and where nobody answered', async () => {
  const port = await freePort();
  const address = { url: `nats://127.0.0.1:${port}`, user: 'calls', password: 'wrong', name: 'test' };
  await expect(connectNats(address)).rejects.toThrow(
    /127\.0\.0\.1:\d+ can not be reached.*RINGBACK_NATS_URL/,
  );
  const server = spawn(natsServerPath()!, ['-p', String(port), '--user', 'calls', '--pass', 'right'], {
    stdio: 'ignore',
  });
  try {
    await waitFor(
      () =>
        connectNats(address).catch(
          ({ message }: Error) => /the user "calls".*RINGBACK_NATS_PASSWORD/.test(message) && message,
        ),
      'the refusal',
    );
  } finally {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await gone;
  }
});
