import type { Call } from '../http/route.ts';
import { oauthErrors } from './oauth-error.ts';

/** Parameters from the form body, or from the query string as Salesforce also accepts them. */
export function readParameters(call: Call): URLSearchParams {
  const parameters = new URLSearchParams(call.query);
  for (const [name, value] of new URLSearchParams(call.body.toString('utf8'))) parameters.set(name, value);
  return parameters;
}

/** The value of a parameter. Throws `missing required parameter` without one. */
export function requireParameter(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name) ?? '';
  if (value === '') throw oauthErrors.missing(name);
  return value;
}
