import { it } from 'vitest';
import { NatsCluster } from '../../../tests/support/nats-cluster.ts';
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
