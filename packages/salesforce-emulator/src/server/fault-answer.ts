import type { Fault } from '../faults/fault-rule.ts';
import { namedErrors } from '../faults/named-errors.ts';
import type { Answer } from '../http/route.ts';

const statusTexts: Readonly<Record<number, string>> = {
  420: 'Unknown Host',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/**
 * The answer of an ordered error: a list with one error, a bare error object, or a page as an edge sends it. The
 * sign-in paths know no lists: there it is OAuth's error object.
 */
export function faultAnswer(fault: Extract<Fault, { kind: 'error' }>, path: string): Answer {
  const named = namedErrors[fault.error_code];
  const status = fault.status ?? named?.status ?? 500;
  const message = fault.message ?? named?.message ?? 'Failure ordered through the emulator.';
  if (fault.form === 'html') {
    const title = `${status} ${statusTexts[status] ?? 'Error'}`;
    const body = `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n</body>\n</html>\n`;
    return { status, body, contentType: 'text/html' };
  }
  if (path.startsWith('/services/oauth2/'))
    return { status, body: { error: fault.error_code, error_description: message } };
  const error = { message, errorCode: fault.error_code };
  return { status, body: fault.form === 'array' ? [error] : error };
}
