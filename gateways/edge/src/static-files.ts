import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Answer, RequestHead } from './http-response.ts';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer | undefined;
  readonly etag: string;
  readonly cacheControl: string;
}

/** The built web app and documents, held in memory: some hundred kilobytes, read once and again when they changed. */
export class StaticFiles {
  readonly #folder: string;
  #files = new Map<string, StaticFile>();
  #builtAt = -1;

  /** @param folder the built web app; may be missing, then there is nothing to serve. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#refresh();
  }

  /** Is there a page to show? */
  get ready(): boolean {
    this.#refresh();
    return this.#files.has('/index.html');
  }

  /** The file at this path, or `undefined`. */
  get(path: string, head: RequestHead): Answer | undefined {
    if (path.endsWith('.html')) this.#refresh();
    const file = this.#files.get(path);
    if (file === undefined) return undefined;
    const headers: [string, string][] = [
      ['etag', file.etag],
      ['cache-control', file.cacheControl],
      ['vary', 'accept-encoding'],
    ];
    if (head.etag === file.etag) return { status: 304, type: file.type, body: '', headers };
    const zipped = file.gzipped !== undefined && /\bgzip\b/.test(head.acceptsEncoding);
    if (!zipped) return { status: 200, type: file.type, body: file.bytes, headers };
    return {
      status: 200,
      type: file.type,
      body: file.gzipped!,
      headers: [...headers, ['content-encoding', 'gzip']],
    };
  }

  /** A build writes index.html last; its time tells whether there was one. */
  #refresh(): void {
    const builtAt = statSync(join(this.#folder, 'index.html'), { throwIfNoEntry: false })?.mtimeMs;
    if (builtAt === undefined || builtAt === this.#builtAt) return;
    this.#builtAt = builtAt;
    this.#files = new Map();
    for (const entry of readdirSync(this.#folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      this.#files.set(`/${relative(this.#folder, path).split(sep).join('/')}`, readFile(path));
    }
  }
}

export function readFile(path: string): StaticFile {
  const bytes = readFileSync(path);
  const type = types[extname(path)] ?? 'application/octet-stream';
  const compressible = /^(text|application)\//.test(type) || type.startsWith('image/svg');
  return {
    type,
    bytes,
    gzipped: compressible ? gzipSync(bytes) : undefined,
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    // The build puts a hash into the name of everything but the page itself.
    cacheControl: path.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
}
