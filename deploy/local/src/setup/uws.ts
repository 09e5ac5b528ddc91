// uWebSockets.js comes with npm as ready-made binaries; here we see to it that the one for this Node loads.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedPart, partVersions, uwsPackagedPath } from '@ringback/runtime/native-parts';
import { indent, run } from '../../bootstrap/command.mjs';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';
import { SetupError } from '../../bootstrap/remedies.mjs';
import { withOlderGlibc } from './elf-patch.ts';
import { cached, install, readChecked } from './files.ts';

/** The package is a third party's repackaging of the official binaries: what we looked at, for Node 24 (ABI 137). */
const sha256ByPlatform: Record<string, string> = {
  'linux-x64-137': '3b549c14e01d9d1faf234cdf4b6f0fb08158605e3692cd0eb1b905e327bd3449',
  'linux-arm64-137': 'b6eb007d627e00bcce03ad38f197124e9027c03f6fe784b37f97b8a6ea709cb4',
  'darwin-x64-137': '7df6e0b2be43048200370a64ee91d6563879f5d3b0207f846dc81377ffc4e189',
  'darwin-arm64-137': 'dd7623e7e600dcc1384c4a639ac05849f0c27125be8c431b702e0513e86613f0',
};

export async function setUpUws(say: Say): Promise<Outcome | string> {
  const platform = `${process.platform}-${process.arch}-${process.versions.modules}`;
  const packaged = uwsPackagedPath();
  const expected = sha256ByPlatform[platform];
  if (packaged === undefined || expected === undefined) {
    throw new SetupError(
      `uWebSockets.js ${partVersions.uWebSockets} has no binary that we know for ${platform}.`,
      'Ringback’s edge runs on Linux (glibc) and macOS, on x64 and arm64, with Node 24.',
    );
  }
  if (existsSync(cachedPart.uws())) return 'cached';
  const bytes = readChecked(packaged, expected);
  const asItIs = await loads(packaged);
  if (asItIs.ok) return 'as packaged';
  const patched = process.platform === 'linux' ? withOlderGlibc(bytes) : undefined;
  if (patched === undefined) throw doesNotLoad(asItIs.tail);
  return cached(
    'uwebsockets',
    () => existsSync(cachedPart.uws()),
    say,
    async (scratch) => {
      const copy = join(scratch, 'uws.node');
      writeFileSync(copy, patched.bytes);
      const result = await loads(copy);
      if (!result.ok) throw doesNotLoad(result.tail);
      install(copy, cachedPart.uws(), 0o644);
      return `copy for this glibc (${patched.renamed.length} symbols)`;
    },
  );
}

/** In a process of its own: a binary that does not fit may also crash. */
export function loads(path: string): ReturnType<typeof run> {
  return run(process.execPath, ['-e', 'require(process.argv[1]).App()', path]);
}

function doesNotLoad(output: string): SetupError {
  return new SetupError(
    `uWebSockets.js does not load on this system:\n${indent(output)}`,
    'It needs glibc 2.35 or newer (Debian 12, Ubuntu 22.04, Fedora 36 …). On an older system run Ringback in a newer container.',
  );
}
