// The embedded Postgres comes with the packages; what takes time is making a fresh database, so that is kept.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cachedPart } from '@ringback/runtime/native-parts';
import { runOrFail } from '../../bootstrap/command.mjs';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';
import { cached, install } from './files.ts';

export function setUpPostgres(say: Say): Promise<Outcome | string> {
  const target = cachedPart.postgresTemplate();
  return cached(
    'postgres-template',
    () => existsSync(target),
    say,
    async (scratch) => {
      const made = join(scratch, 'template.tar');
      await runOrFail(process.execPath, [join(import.meta.dirname, '../postgres/make-template.ts'), made], {
        remedy:
          'The embedded Postgres does not run here: set RINGBACK_POSTGRES_URL to a PostgreSQL of yours.',
      });
      install(made, target, 0o600);
      return 'made';
    },
  );
}
