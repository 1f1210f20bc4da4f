import { isIPv4 } from 'node:net';

/** Whether the host of a URL, as the URL class writes it, is this machine by name or number. */
export const isLoopbackHost = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
