import { ApiError } from '../errors/api-error.ts';

/** Runs a reader of input; what it throws becomes a 400 with its message. */
export function accept<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(400, 'INVALID_INPUT', error instanceof Error ? error.message : String(error));
  }
}
