import type { Call } from '../http/route.ts';
import { oauthErrors } from './oauth-error.ts';

const formats = new Map([
  ['application/json', 'json'],
  ['*/*', 'json'],
  ['application/xml', 'xml'],
  ['application/x-www-form-urlencoded', 'urlencoded'],
]);

/**
 * Throws 501 where another answer than JSON is asked for: by the parameter `format`, or by the first type of the
 * `Accept` header that Salesforce knows.
 */
export function refuseOtherFormats({ headers }: Call, parameters: URLSearchParams): void {
  const accepted = (headers.accept ?? '')
    .split(',')
    .map((type) => type.split(';', 1)[0]?.trim().toLowerCase());
  const known = accepted.map((type) => formats.get(type ?? '')).find((format) => format !== undefined);
  const format = parameters.get('format') ?? known ?? 'json';
  if (format !== 'json') throw oauthErrors.notImplemented(`The answer format ${format}`);
}
