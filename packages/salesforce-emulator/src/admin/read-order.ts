import type Type from 'typebox';
import { checkSection } from '../definition/check-section.ts';
import { ApiError } from '../errors/api-error.ts';
import { readJson } from '../http/request-body.ts';
import type { Call } from '../http/route.ts';

/** Runs a reader of input; what it throws becomes a 400 with its message. */
export function accept<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(400, 'INVALID_INPUT', error instanceof Error ? error.message : String(error));
  }
}

/** The order in a call's body, where an empty body is an empty order. Throws 400 for what is none. */
export const readOrder = <Schema extends Type.TSchema>(
  call: Call,
  schema: Schema,
  title = 'Order',
): Type.Static<Schema> =>
  accept(() => checkSection(schema, call.body.length === 0 ? {} : readJson(call), title));
