import { ApiError } from '../errors/api-error.ts';
import { type JsonObject, ownValue } from '../json.ts';

/** Runs a reader of input; what it throws becomes a 400 with its message. */
export function accept<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(400, 'INVALID_INPUT', error instanceof Error ? error.message : String(error));
  }
}

/** A whole number of an order, 0 or more; undefined when it is left out. */
export function readWhole(body: JsonObject, key: string): number | undefined {
  const value = ownValue(body, key);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw new ApiError(400, 'INVALID_INPUT', `"${key}" must be a whole number, 0 or more.`);
  return value;
}
