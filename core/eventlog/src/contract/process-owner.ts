import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../../../tests/support/wait-for.ts';
import type { AppendResult } from '../event-log.ts';
import type { TestOwner } from './event-log.contract.ts';

/** An owner in a process of its own. */
export async function processOwner(url: string, name: string, partition: number): Promise<TestOwner> {
  const script = fileURLToPath(new URL('./owner-process.ts', import.meta.url));
  const child: ChildProcess = fork(script, [url, name, String(partition)], { execArgv: [] });
  const answer = () =>
    new Promise<unknown>((resolve) =>
      child.once('message', (message: { result: unknown }) => resolve(message.result)),
    );
  const tell = <T>(order: object): Promise<T> => {
    const answered = answer();
    child.send(order);
    return answered as Promise<T>;
  };
  await answer();
  let frozen: Promise<AppendResult> | undefined;
  return {
    claim: () => tell<number>({ do: 'claim' }),
    adopt: () => tell<number>({ do: 'adopt' }),
    commit: (text) => tell<AppendResult>({ do: 'commit', text }),
    freezeBefore: async (text) => {
      frozen = tell<AppendResult>({ do: 'freezeBefore', text });
      await waitFor(() => isStopped(child.pid!), 'the owner to be stopped');
    },
    wake: () => {
      child.kill('SIGCONT');
      return frozen!;
    },
    end: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** State T in the process table. */
function isStopped(pid: number): boolean {
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)])
    .toString()
    .trim()
    .startsWith('T');
}
