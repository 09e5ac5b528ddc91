import { z } from 'zod';
import { limits } from './limits.ts';

/** Partition number as text: two digits, so that names sort. At most 100 partitions (one stream each). */
export const partitionPattern = '[0-9]{2}';
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const uuidV7 = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

/** `<partition>-<UUIDv7>`: says where the call is and when it began, so that no index is needed to find it. */
export const callIdSchema = z
  .string()
  .regex(new RegExp(`^${partitionPattern}-${uuidV7}$`), 'must look like 03-<UUIDv7>')
  .meta({
    id: 'CallId',
    description: 'Partition and UUIDv7 of the call.',
    examples: ['03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10'],
  });

/** Client-made id of a command (RFC 9562). The same id sent twice has one effect and one reply. */
export const commandIdSchema = z
  .string()
  .regex(new RegExp(`^${uuid}$`), 'must be a UUID in lower case')
  .meta({ id: 'CommandId', description: 'UUID made by the client; repeat it to retry safely.' });

/** UUID of a participant, session or client instance. */
export const uuidSchema = z
  .string()
  .regex(new RegExp(`^${uuid}$`), 'must be a UUID in lower case')
  .meta({ id: 'Uuid', description: 'UUID (RFC 9562) in lower case.' });

/** UUIDv7 (RFC 9562 section 5.7). */
export const uuidV7Schema = z
  .string()
  .regex(new RegExp(`^${uuidV7}$`), 'must be a UUIDv7 in lower case')
  .meta({
    id: 'UuidV7',
    description: 'UUIDv7 (RFC 9562 section 5.7) in lower case: it begins with its time.',
  });

/** The token's `sub`: any printable text without spaces. */
export const userIdSchema = z
  .string()
  .min(1)
  .max(limits.userIdLengthMax)
  .regex(/^[!-~]+$/, 'must be printable ASCII without spaces')
  .meta({ id: 'UserId', description: "The token's `sub`." });

/** Tenant id: the isolation boundary. Lower-case letters, digits, hyphens. */
export const tenantIdSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and hyphens')
  .meta({ id: 'TenantId', description: 'The isolation boundary: nothing of one tenant is seen by another.' });

/** MediaStreamTrack.id of the sender (W3C mediacapture-streams section 4.3.1), or any id as short. */
export const trackIdSchema = z
  .string()
  .min(1)
  .max(limits.idLengthMax)
  .regex(/^(?!__proto__$)[\w.{}:-]+$/, 'must be letters, digits and . _ : - { }')
  .meta({
    id: 'TrackId',
    description: "The sender's MediaStreamTrack.id, or any other id of the same form.",
  });

export type CallId = string;
export type PartitionNumber = number;

/** @throws RangeError outside 0..99. */
export function partitionName(partition: PartitionNumber): string {
  if (!Number.isInteger(partition) || partition < 0 || partition > 99)
    throw new RangeError(`partition must be 0..99, not ${partition}`);
  return String(partition).padStart(2, '0');
}

export function makeCallId(partition: PartitionNumber, uuidv7: string): CallId {
  return `${partitionName(partition)}-${uuidv7}`;
}

/** The partition a call lives in, for ever. */
export function partitionOf(callId: CallId): PartitionNumber {
  return Number(callId.slice(0, 2));
}

/** Milliseconds since 1970 in a UUIDv7's first 48 bits. */
export function timeOfUuidV7(uuidv7: string): number {
  return Number.parseInt(uuidv7.slice(0, 8) + uuidv7.slice(9, 13), 16);
}

/** When the call was made, by the clock of whoever made its id (checked to within limits by the edge). */
export function timeOfCallId(callId: CallId): number {
  return timeOfUuidV7(callId.slice(3));
}
