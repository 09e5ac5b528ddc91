/** What went wrong in words, what to do about it, and the exit code: 1 it failed, 2 it was asked wrongly. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** Stable, for scripts. */
  readonly code: string;
  readonly remedy: string;
  readonly exitCode: 1 | 2;

  constructor(
    code: string,
    message: string,
    remedy: string,
    options: { exitCode?: 1 | 2; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.remedy = remedy;
    this.exitCode = options.exitCode ?? 1;
  }
}

export function usageFailure(message: string, remedy: string): Failure {
  return new Failure('usage', message, remedy, { exitCode: 2 });
}

/** The text of an unknown error, for the end of a sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
