import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { natsServerPath } from '@ringback/runtime/native-parts';

/** What the figures were taken on: figures of two machines do not compare. */
export function machine() {
  return {
    cpus: cpus().length,
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    natsServer: outputOf(natsServerPath() ?? 'nats-server', ['--version']) ?? 'unknown',
    /** Before the bench began: what others took of the machine. */
    loadAverage1Minute: Math.round(loadavg()[0]! * 100) / 100,
  };
}

/** The commit measured; `-dirty` where files differ from it. */
export function commitOf(root: string): string {
  const commit = outputOf('git', ['-C', root, 'rev-parse', 'HEAD']);
  if (commit === undefined) return 'unknown';
  return outputOf('git', ['-C', root, 'status', '--porcelain']) === '' ? commit : `${commit}-dirty`;
}

function outputOf(command: string, args: string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
