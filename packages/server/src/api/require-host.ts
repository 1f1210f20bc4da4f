import { invalidInput } from '@headrace/core';

/**
 * Refuses requests that name another host: a page elsewhere could have its own name resolve to this machine and
 * so read answers in a browser that reaches us (DNS rebinding).
 * @param hostname as the request names it, without port; IPv6 in brackets.
 * @param configured where the server was told to listen.
 * @throws HeadraceError `invalid_input`.
 */
export function requireHost(hostname: string, configured: string): void {
  const name = hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (isLoopback(name) || name === configured.toLowerCase()) return;
  throw invalidInput(
    'The Host of the request is not this server. Use a loopback address such as 127.0.0.1, or set HEADRACE_HOST to the name or address that others reach it by.',
  );
}

const isLoopback = (name: string): boolean =>
  name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name);
