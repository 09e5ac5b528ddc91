import { join } from 'node:path';
import { makePackage } from './package-folder.ts';

const root = join(import.meta.dirname, '../../..');
await makePackage(root, process.argv[2] ?? join(root, 'clients/sdk/dist'));
