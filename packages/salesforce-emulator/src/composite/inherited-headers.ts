import type { IncomingHttpHeaders } from 'node:http';

/** What a subrequest takes over from the outer call: its options, and none of its conditions. */
export function inheritedHeaders(outer: IncomingHttpHeaders): IncomingHttpHeaders {
  const kept = Object.entries(outer).filter(([name]) => name === 'accept' || name.startsWith('sforce-'));
  return Object.fromEntries(kept);
}
