import { createHash } from 'node:crypto';
import { canonicalJson } from '@ringback/domain';
import type { CallView } from '@ringback/schemas';

/** sha256, in hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The state hash: sha256 over the canonical JSON (RFC 8785) of a call's folded facts. The same on every machine. */
export function stateHash(view: CallView): string {
  return sha256(canonicalJson(view));
}
