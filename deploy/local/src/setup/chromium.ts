// Chromium, for the tests with real browsers only.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cachedPart, chromiumPath } from '@ringback/runtime/native-parts';
import { runOrFail } from '../../bootstrap/command.mjs';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';
import { SetupError } from '../../bootstrap/remedies.mjs';
import { cached } from './files.ts';
import { installPackages, mayInstallPackages } from './system.ts';

export async function setUpChromium(say: Say): Promise<Outcome | string> {
  if (chromiumPath() !== undefined) return 'installed';
  if (mayInstallPackages()) {
    await installPackages(['chromium'], say);
    return 'installed (apt)';
  }
  return cached(
    'chromium',
    () => chromiumPath() !== undefined,
    say,
    async () => {
      say('downloading');
      const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core')), 'cli.js');
      // playwright keeps its own marker of a finished download, so it may write to the cache directly.
      await runOrFail(process.execPath, [cli, 'install', '--no-shell', 'chromium'], {
        env: { ...process.env, PLAYWRIGHT_BROWSERS_PATH: cachedPart.browsers() },
        remedy: 'Install Chromium or Chrome by hand, or name one in RINGBACK_CHROMIUM, and run it again.',
      });
      if (chromiumPath() !== undefined) return 'downloaded (playwright)';
      throw new SetupError(
        'playwright’s Chromium is not where it was expected.',
        'Install Chromium or Chrome by hand, or name one in RINGBACK_CHROMIUM, and run it again.',
      );
    },
  );
}
