import { invalidInput } from '@headrace/core';

/**
 * Refuses requests that name another host: a page elsewhere could have its own name resolve to this machine and
 * so read answers in a browser that reaches us (DNS rebinding).
 * @param hostname as the request names it, without port; IPv6 in brackets.
 * @param configured where the server was told to listen, and what it is reached by.
 * @throws HeadraceError `invalid_input`.
 */
export function requireHost(hostname: string, configured: readonly string[]): void {
  const name = bare(hostname);
  if (isLoopback(name) || configured.some((host) => bare(host) === name)) return;
  throw invalidInput(
    'The Host of the request is not this server. Use a loopback address such as 127.0.0.1, or set HEADRACE_HOST or HEADRACE_PUBLIC_URL to what others reach it by.',
  );
}

const bare = (hostname: string): string => hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');

const isLoopback = (name: string): boolean =>
  name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name);
