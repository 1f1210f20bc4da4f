import { HeadraceError } from '@headrace/core';

/** The one error of this folder: the program cannot start here, and the message says what to do about it. */
export const startFailure = (message: string, cause?: unknown): HeadraceError =>
  new HeadraceError('conflict', message, cause === undefined ? {} : { cause });

/** The system's error code (`ENOENT`, `EACCES`, …), or undefined where the value is no system error. */
export const systemErrorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/**
 * Turns a failure to write under a folder into one clear message.
 *
 * @param folder the folder the operator can act on, not the file that happened to fail
 */
export const describeWriteFailure = (error: unknown, folder: string): HeadraceError => {
  if (error instanceof HeadraceError) return error;
  const code = systemErrorCode(error);
  const text = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || /No space left on device|disk quota exceeded/i.test(text)) {
    return startFailure(
      `The disk that holds ${folder} is full: PostgreSQL needs about 200 MB to begin with. ` +
        'Free some space, or set HEADRACE_DATA_DIR to a folder on another disk.',
      error,
    );
  }
  if (
    code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'EROFS' ||
    code === 'ENOTDIR' ||
    code === 'EEXIST' ||
    code === 'ENOENT'
  ) {
    return startFailure(
      `Cannot write to ${folder} (${code}): the user this program runs as needs a folder of its own there. ` +
        'Correct its owner or rights, or set HEADRACE_DATA_DIR to another folder.',
      error,
    );
  }
  return startFailure(`Cannot prepare PostgreSQL in ${folder}: ${text}`, error);
};
