// @ts-check

import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes a folder with its parents. @param {string} path */
export function makeFolder(path) {
  // On a read-only file system a recursive mkdir says ENOENT, which helps nobody; asking for write access says EROFS.
  const missing = [];
  let there = path;
  for (; !existsSync(there); there = dirname(there)) missing.unshift(there);
  accessSync(there, constants.W_OK);
  // One by one: in places where nothing can be made (/proc) Node's recursive mkdir tries for ever.
  for (const folder of missing) mkdirSync(folder, { recursive: existsSync(folder) });
}
