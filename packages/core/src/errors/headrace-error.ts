import { type ErrorCode, errorCodes } from './codes.ts';

/** One thing wrong with an input: where (JSON pointer, path, row or position) and what was expected. */
export type ErrorDetail = {
  readonly pointer?: string;
  readonly row?: number;
  /** Zero-based character offset into the text the pointer names. */
  readonly position?: number;
  readonly keyword?: string;
  readonly message: string;
};

/**
 * The one error class. The message says what was wrong, where, what was expected and what to do; it never
 * holds a secret or a person's data.
 */
export class HeadraceError extends Error {
  override readonly name = 'HeadraceError';
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];
  /** Wait at least this long before trying again; only for codes whose retry rule is `later`. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly details?: readonly ErrorDetail[];
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }
}

export const invalidInput = (message: string, details: readonly ErrorDetail[] = []): HeadraceError =>
  new HeadraceError('invalid_input', message, { details });

export const notFound = (what: string, id: string): HeadraceError =>
  new HeadraceError('not_found', `There is no ${what} with the id ${JSON.stringify(id.slice(0, 100))}.`);
