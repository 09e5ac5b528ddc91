/** What JetStream's API says no with. */
export interface ApiError {
  readonly code: number;
  readonly err_code: number;
  readonly description: string;
}

/** The API's no as an Error: what it means depends on what was asked. */
export class ApiRefused extends Error {
  override readonly name = 'ApiRefused';
  readonly errCode: number | undefined;

  constructor(what: string, error: ApiError | undefined) {
    super(
      `${what}: ${error === undefined ? 'no answer and no error' : `${error.err_code} ${error.description}`}`,
    );
    this.errCode = error?.err_code;
  }
}

/** JetStream's error code for "stream not found". */
export const streamMissingCode = 10059;

/**
 * JetStream's error codes for "there is no room": account limits (10002), server limits (10023, 10028, 10047), the store
 * could not write (10077). What nats-server does to a disk that is really full: docs/operations.md.
 */
export const storageCodes: ReadonlySet<number> = new Set([10002, 10023, 10028, 10047, 10077]);

/** The log has no room. Nothing is lost; nothing new is taken until there is. */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';

  constructor(error: ApiError) {
    super(
      `nats-server has no room for new facts (${error.err_code}: ${error.description}). ` +
        'Free space on its disk or raise its limits, then restart it: docs/operations.md, "Full disk".',
      { cause: error },
    );
  }
}

/** A stream that can be read does not take what is written: what nats-server does after a write to its disk failed. */
export class NotWritable extends Error {
  override readonly name = 'NotWritable';

  constructor(cause: unknown) {
    super(
      'nats-server answers and stores nothing: its disk is full, or fails, or is far too slow. Free space on it, then ' +
        'restart nats-server (the supervisor of npm start does): docs/operations.md, "Full disk".',
      { cause },
    );
  }
}

/** A stream of ours is not there: deleted, or another nats-server than before. */
export class StreamMissing extends Error {
  override readonly name = 'StreamMissing';

  constructor(cause: unknown) {
    super(
      'A stream of the log is missing on nats-server. If it was deleted, restore it from a backup; if RINGBACK_NATS_URL ' +
        'names another server than before, name the right one. A restart of the calls worker makes an empty one.',
      { cause },
    );
  }
}

/** The cluster or its settings do not let us keep a log. The message says which and what to do. */
export class LogNotReady extends Error {
  override readonly name = 'LogNotReady';
}
