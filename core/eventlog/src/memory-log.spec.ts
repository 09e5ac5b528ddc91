import { claim } from './claim.ts';
import { describeEventLog, type TestOwner } from './contract/event-log.contract.ts';
import { testCommit } from './contract/test-commit.ts';
import type { AppendResult, EventLog } from './event-log.ts';
import { MemoryLog } from './memory-log.ts';

/** An owner in this process; frozen, it stands at the wire: the log holds its request back. */
function memoryOwner(log: MemoryLog, name: string, partition: number): TestOwner {
  let last = 0;
  let frozen: Promise<AppendResult> | undefined;
  let thaw = () => {};
  const commit = async (text: string) => {
    const result = await log.append({ partition, body: testCommit(text), id: text, expected: last });
    if (result.kind === 'stored') last = result.position;
    return result;
  };
  return {
    claim: async () => (last = await claim(log, partition, name)),
    adopt: async () => {
      for await (const stored of (log as EventLog).read(partition)) last = stored.position;
      return last;
    },
    commit,
    freezeBefore: async (text) => {
      log.faults.hold = new Promise((resolve) => (thaw = resolve));
      frozen = commit(text);
      log.faults.hold = undefined;
    },
    wake: () => {
      thaw();
      return frozen!;
    },
    end: async () => {},
  };
}

describeEventLog('memory', async () => {
  const log = new MemoryLog(() => Date.now());
  return {
    log,
    owner: async (name, partition) => memoryOwner(log, name, partition),
    appendWithLostAck: (append) => {
      log.faults.dropAcks = 1;
      return append();
    },
    close: async () => {},
  };
});
