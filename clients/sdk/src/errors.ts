import type { Rejection, RejectionCode } from '@ringback/schemas';

/**
 * What can go wrong on this side of the wire: `timeout` no reply within the time limit (it may have happened),
 * `queue_full` too many unanswered commands, `network` the server can not be reached (a command did not happen), `closed` the client or the
 * call was closed, `protocol` the server sent what this client does not understand, `unsupported` this runtime
 * has no WebRTC.
 */
export type ClientErrorCode = 'timeout' | 'queue_full' | 'network' | 'closed' | 'protocol' | 'unsupported';

/** Every code a {@link RingbackError} can have: the platform's refusals and the client's own. Stable. */
export type ErrorCode = RejectionCode | ClientErrorCode;

const retryableCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'overloaded',
  'views_unavailable',
  'unknown_outcome',
  'rate_limited',
  'timeout',
  'network',
  'queue_full',
]);

/** The only error this package throws or rejects with. Switch on `code`; `message` is a sentence for people. */
export class RingbackError extends Error {
  /** Always that. */
  override readonly name = 'RingbackError';
  /** What went wrong, for programs. Stable. */
  readonly code: ErrorCode;
  /** The input at fault, as a path, where there is one. */
  readonly field: string | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;

  /** `message`: a sentence for people; `field`: path of the input at fault. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { field?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.field = options.field;
    this.retryable = retryableCodes.has(code);
  }

  /** The platform's refusal as an error. */
  static from(rejection: Rejection): RingbackError {
    return new RingbackError(rejection.code, rejection.message, { field: rejection.field });
  }
}
