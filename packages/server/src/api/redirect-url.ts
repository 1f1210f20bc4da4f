import { invalidInput } from '@headrace/core';

/** Where browsers come back to after a sign-in at a destination. */
export const callbackPath = '/oauth/callback';

/**
 * The address that a destination is to send browsers back to. Destinations take https, and plain http only to this
 * machine, which they know as `localhost`.
 * @param publicUrl origin that browsers reach this server by, where the operator named one
 * @param origin by which the caller reached it, its host checked
 * @throws HeadraceError `invalid_input` when browsers could not safely be sent there.
 */
export function redirectUrlOf(publicUrl: string | undefined, origin: string): string {
  const url = new URL(callbackPath, publicUrl ?? origin);
  if (/^(?:127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)) url.hostname = 'localhost';
  if (url.protocol === 'https:' || url.hostname === 'localhost') return url.href;
  throw invalidInput(
    `Destinations send browsers back to https addresses only, and ${url.origin} is none. Set HEADRACE_PUBLIC_URL to the https address that this server is reached by, or begin on its own machine by http://localhost.`,
  );
}
