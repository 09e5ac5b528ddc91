// The web app, built when what it is made of has changed.

import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrFail } from '../../bootstrap/command.mjs';
import { withLock } from '../../bootstrap/lock.mjs';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';

/** Everything that ends up in the bundle or decides how it is made. */
const sources = [
  'clients/web/**',
  'clients/sdk/{package.json,src/**}',
  'schemas/{package.json,src/**}',
  'core/domain/{package.json,src/**}',
  'package-lock.json',
];

export function webDist(root: string): string {
  return join(root, 'clients', 'web', 'dist');
}

export async function setUpWebApp(root: string, say: Say): Promise<Outcome | string> {
  const stampPath = join(webDist(root), '.ringback-stamp');
  const isFresh = () => existsSync(stampPath) && readFileSync(stampPath, 'utf8') === webStamp(root);
  if (isFresh()) return 'up to date';
  return withLock(
    join(root, 'node_modules', '.ringback-web.lock'),
    async () => {
      if (isFresh()) return 'built by another process';
      say('vite build');
      const stamp = webStamp(root); // of what goes in: a file saved during the build makes the result stale at once
      await runOrFail(
        process.execPath,
        [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'],
        {
          cwd: join(root, 'clients', 'web'),
          remedy: 'The web app does not build: look at the lines above.',
        },
      );
      writeFileSync(`${stampPath}.new`, stamp);
      renameSync(`${stampPath}.new`, stampPath);
      return 'built';
    },
    (holder) => say(`waiting for process ${holder.pid}, which builds it`),
  );
}

export function webStamp(root: string): string {
  const hash = createHash('sha256');
  const skipped = (name: string) => name === 'dist' || name === 'node_modules';
  for (const entry of globSync(sources, { cwd: root, withFileTypes: true, exclude: (e) => skipped(e.name) })
    .filter((candidate) => candidate.isFile() && !/\.spec\.tsx?$/.test(candidate.name))
    .map((file) => join(file.parentPath, file.name))
    .sort()) {
    hash.update(`${entry}\0`).update(readFileSync(entry)).update('\0');
  }
  return hash.digest('hex');
}
