import { isIP } from 'node:net';
import { ApiError } from '../errors/api-error.ts';
import type { Incoming } from './route.ts';

/**
 * Keeps pages of other sites from the emulator's own pages and orders: those that send orders through the visitor's
 * browser, and those whose host name was made to lead to this machine, so that the browser takes both for one site.
 */
export function refuseForeignPage({ headers, method }: Pick<Incoming, 'headers' | 'method'>): void {
  const { origin, host } = headers;
  if (host !== undefined && !isOwnHost(host))
    throw new ApiError(
      403,
      'FOREIGN_HOST',
      'The emulator shows its pages and takes orders only under an IP address, localhost or a local name.',
    );
  if (method === 'GET' || method === 'HEAD' || origin === undefined) return;
  if (origin.replace(/^https?:\/\//, '') !== host)
    throw new ApiError(
      403,
      'FOREIGN_ORIGIN',
      'The emulator takes orders only from its own pages and from programs.',
    );
}

/** Addresses, and names that nobody can register for a site of theirs. */
function isOwnHost(host: string): boolean {
  const name = host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return isIP(name) > 0 || !name.includes('.') || /\.(?:localhost|local|internal|test)$/.test(name);
}
