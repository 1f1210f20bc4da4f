import { ApiError } from '../errors/api-error.ts';
import type { Call } from './route.ts';

/** A parameter that is true or false, in any case; false without it. Throws 400 for anything else. */
export function queryFlag({ query }: Pick<Call, 'query'>, name: string): boolean {
  const text = (query.get(name) ?? '').toLowerCase();
  if (text === '' || text === 'false') return false;
  if (text === 'true') return true;
  throw new ApiError(400, 'INVALID_INPUT', `The parameter ${name} must be true or false.`);
}
