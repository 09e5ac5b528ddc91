// k6, which makes the load of `npm run load`. Built from its exact version: Go checks it against its public checksum
// database.

import { join } from 'node:path';
import { cachedPart, k6Path, onPath, partVersions } from '@ringback/runtime/native-parts';
import { runOrFail } from '../../bootstrap/command.mjs';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';
import { SetupError } from '../../bootstrap/remedies.mjs';
import { cached, install } from './files.ts';

const elsewhere =
  'Or install k6 yourself (https://grafana.com/docs/k6/latest/set-up/install-k6/) and put it on PATH, or name it in RINGBACK_K6.';

/** @throws SetupError where it can not be had, with what to do. */
export function setUpK6(say: Say): Promise<Outcome | string> {
  return cached(
    'k6',
    () => k6Path() !== undefined,
    say,
    async (scratch) => {
      if (onPath('go') === undefined)
        throw new SetupError('There is no k6, and no Go to build it.', `Install Go. ${elsewhere}`);
      say('go install');
      await runOrFail('go', ['install', `go.k6.io/k6@v${partVersions.k6}`], {
        cwd: scratch, // outside any Go module, whose own settings would count
        env: { ...process.env, GOBIN: scratch, CGO_ENABLED: '0' },
        remedy: `Go needs the network for this once (GOPROXY, or HTTPS_PROXY). ${elsewhere}`,
      });
      install(join(scratch, 'k6'), cachedPart.k6(), 0o755);
      return 'built from source (go install)';
    },
  );
}

/** For `npm test`: its other tests do not need it. */
export async function setUpK6ToTest(say: Say): Promise<Outcome | string> {
  try {
    return await setUpK6(say);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return {
      how: 'not installed',
      notes: ['The load tests are skipped.', ...error.message.split('\n'), `To have them: ${error.remedy}`],
    };
  }
}
