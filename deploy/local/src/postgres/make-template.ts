// Makes a fresh database folder and writes it into one file. A process of its own: it computes for seconds without a pause.

import { writeFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: make-template.ts FILE');
const db = await PGlite.create();
writeFileSync(file, new Uint8Array(await (await db.dumpDataDir('none')).arrayBuffer()));
await db.close();
