import { connectLog } from '../connect-log.ts';
import { claim } from '../claim.ts';
import { testCommit } from './test-commit.ts';

/**
 * An owner as a process of its own, so that a test can stop it with SIGSTOP. Told what to do over IPC;
 * `freezeBefore` stops itself at the last moment before the request leaves.
 */
const [url, name, partitionText] = process.argv.slice(2) as [string, string, string];
const partition = Number(partitionText);
const { log, nc } = await connectLog({ url, user: 'calls', password: 'any', name });
let last = 0;

type Order = { do: 'claim' | 'adopt' } | { do: 'commit' | 'freezeBefore'; text: string };

async function commit(text: string): Promise<unknown> {
  const result = await log.append({ partition, body: testCommit(text), id: text, expected: last });
  if (result.kind === 'stored') last = result.position;
  return result;
}

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'claim':
      return (last = await claim(log, partition, name));
    case 'adopt':
      for await (const stored of log.read(partition)) last = stored.position;
      return last;
    case 'commit':
      return commit(order.text);
    case 'freezeBefore':
      process.kill(process.pid, 'SIGSTOP');
      // After SIGCONT it goes on here, as any process does.
      return commit(order.text);
    default:
      return order satisfies never;
  }
}

process.on('message', (order: Order) => void obey(order).then((result) => process.send!({ result })));
process.on('disconnect', () => void nc.close().then(() => process.exit(0)));
process.send!({ result: 'up' });
