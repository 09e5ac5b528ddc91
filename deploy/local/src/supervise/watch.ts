// `npm run dev`: a process starts again when its sources change.

import { watch } from 'node:fs';
import { join } from 'node:path';
import type { Supervisor } from './supervisor.ts';

/** Editors write a file in several steps, and a checkout writes many. */
const settleMs = 150;

const watched: Record<string, string[]> = {
  'calls worker': ['workers/calls/src', 'core', 'schemas/src'],
  edge: ['gateways/edge/src', 'core', 'schemas/src'],
  'media gateway': ['gateways/media/src', 'core', 'schemas/src'],
};

// Not `node --watch`: its watcher would outlive a killed supervisor, and after a crash it waits for an edit.
export function watchSources(root: string, supervisor: Supervisor, say: (line: string) => void): void {
  for (const [name, folders] of Object.entries(watched)) {
    let timer: NodeJS.Timeout | undefined;
    const changed = (_: string, file: string | null) => {
      if (file === null || !file.endsWith('.ts') || file.endsWith('.spec.ts')) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        say(`${file} changed: ${name} starts again`);
        supervisor.restart(name);
      }, settleMs);
    };
    for (const folder of folders) watch(join(root, folder), { recursive: true }, changed);
  }
}
