// `npm run dev`: builds the web app again as it is edited. Not vite's own command, which would outlive a supervisor that
// is killed.

import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exitWithParent } from '@ringback/runtime/exit-with-parent';

exitWithParent();
const web = resolve(import.meta.dirname, '../../../clients/web');
const path = createRequire(join(web, 'package.json')).resolve('vite');
const vite = (await import(pathToFileURL(path).href)) as typeof import('vite');
await vite.build({ root: web, build: { watch: {} } });
