import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import type { Call } from '../http/route.ts';

const names = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];

/** Whether a call is to be answered only under conditions. */
export const hasConditions = (headers: IncomingHttpHeaders): boolean =>
  names.some((name) => headers[name] !== undefined);

/** Salesforce knows no conditions for deleting; an answer as if there were none could be a wrong success. */
export function refuseConditions(headers: IncomingHttpHeaders): void {
  if (hasConditions(headers)) throw apiErrors.notImplemented('A condition for deleting');
}

/**
 * The conditional headers of a row call against the row's last change (epoch milliseconds, whole seconds).
 * Throws 412 when `If-Unmodified-Since` fails, 400 when it is no date on a call that changes something. Entity
 * tags are not kept, so a call that relies on them is refused with 501.
 */
export function checkConditions(
  { method, headers }: Pick<Call, 'method' | 'headers'>,
  lastModifiedMs: number,
): 'proceed' | 'not-modified' {
  if (headers['if-match'] !== undefined || headers['if-none-match'] !== undefined)
    throw apiErrors.notImplemented('A condition on an entity tag');
  const unmodifiedSince = readDate(headers['if-unmodified-since']);
  const isRead = method === 'GET' || method === 'HEAD';
  if (unmodifiedSince === undefined && headers['if-unmodified-since'] !== undefined && !isRead)
    throw new ApiError(400, 'INVALID_INPUT', 'If-Unmodified-Since is no date.');
  if (unmodifiedSince !== undefined && lastModifiedMs > unmodifiedSince)
    throw new ApiError(
      412,
      'PRECONDITION_FAILED',
      'The record was modified after the time in If-Unmodified-Since.',
    );
  const modifiedSince = readDate(headers['if-modified-since']);
  return modifiedSince !== undefined && lastModifiedMs <= modifiedSince ? 'not-modified' : 'proceed';
}

const readDate = (header: string | string[] | undefined): number | undefined => {
  const time = typeof header === 'string' ? Date.parse(header) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
};
