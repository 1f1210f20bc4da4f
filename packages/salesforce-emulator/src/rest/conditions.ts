import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, apiErrors } from '../errors/api-error.ts';

/**
 * The conditional headers of a row call against the row's last change (epoch milliseconds, whole seconds).
 * Throws 412 when `If-Unmodified-Since` fails. Entity tags are not kept, so a call that relies on them is
 * refused with 501.
 */
export function checkConditions(
  headers: IncomingHttpHeaders,
  lastModifiedMs: number,
): 'proceed' | 'not-modified' {
  if (headers['if-match'] !== undefined || headers['if-none-match'] !== undefined)
    throw apiErrors.notImplemented('A condition on an entity tag');
  const unmodifiedSince = readDate(headers['if-unmodified-since']);
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
