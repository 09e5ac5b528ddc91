/** A call's file is not what was written. */
export type Damage =
  /** Not an export at all, or its first line is broken. */
  | 'no-manifest'
  | 'compression'
  | 'truncated'
  | 'too-long'
  /** Some byte changed. */
  | 'hash'
  | 'sequence'
  /** An event is not valid by its schema, or of another call. */
  | 'event'
  /** The events do not follow from each other. */
  | 'fold';

export class DamagedCallFile extends Error {
  override readonly name = 'DamagedCallFile';
  readonly damage: Damage;

  /** @param message end of a sentence that begins with the file's name */
  constructor(damage: Damage, message: string, cause?: unknown) {
    super(message, { cause });
    this.damage = damage;
  }
}
