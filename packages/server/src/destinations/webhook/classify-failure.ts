import { type ErrorCode, HeadraceError } from '@headrace/core';
import { addressRefused } from '../http/guarded-connector.ts';

/** What a request was for. */
export type RequestFacts = {
  readonly host: string;
  /** Completes "The webhook was asked …". */
  readonly what: string;
  /** A `write` may have been applied even where no answer came. */
  readonly effect: 'read' | 'write';
};

const maxRetryAfterMs = 86_400_000;
const defaultRateLimitMs = 30_000;

type Meaning = readonly [code: ErrorCode, explanation: string];
const meanings: Readonly<Record<number, Meaning>> = {
  400: ['destination_request_rejected', 'It does not understand the request.'],
  401: [
    'destination_authentication_rejected',
    'It does not accept the signature or the Authorization header. Compare the signing secret and the clocks.',
  ],
  403: [
    'destination_authentication_rejected',
    'It forbids the request. Compare the signing secret and the Authorization header, and look for a firewall.',
  ],
  404: ['destination_misconfigured', 'There is nothing at the URL. Correct it.'],
  405: ['destination_misconfigured', 'Nothing takes POST at the URL. Correct it.'],
  410: [
    'destination_misconfigured',
    'It wants no more requests (410 Gone). Nothing but a test each minute goes to it until it accepts one.',
  ],
  413: [
    'destination_misconfigured',
    'A batch is too large for it. Let the receiver take bodies of a megabyte.',
  ],
  415: ['destination_request_rejected', 'It does not read JSON.'],
  422: ['destination_request_rejected', 'It does not understand the request.'],
};

/**
 * Turns an answer that is no success into an error. What a receiver has to answer is documented in
 * docs/destinations/webhook.md: a 4xx or a redirect applies nothing, other than 408; of a 5xx, which may come from a
 * proxy in between, nothing is known.
 */
export function classifyRefusal(
  { status, retryAfter }: { readonly status: number; readonly retryAfter: string | undefined },
  { host, what, effect }: RequestFacts,
  now: Date,
): HeadraceError {
  const said = `The webhook (${host}) was asked ${what} and answered ${status}.`;
  const retryAfterMs = readRetryAfter(retryAfter, now);
  const patience = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429)
    return new HeadraceError('destination_rate_limited', `${said} It takes no more for now.`, {
      retryAfterMs: retryAfterMs ?? defaultRateLimitMs,
    });
  if (status >= 300 && status < 400)
    return new HeadraceError(
      'destination_misconfigured',
      `${said} It redirects elsewhere, which is not followed. Give the address that it leads to as URL.`,
    );
  if (status < 300 || status === 408 || status >= 500)
    return effect === 'write'
      ? outcomeUnknown(said, patience)
      : new HeadraceError('destination_unavailable', `${said} It cannot answer now.`, patience);
  const [code, explanation] = meanings[status] ?? ['destination_misconfigured', 'It refuses the request.'];
  return new HeadraceError(code, `${said} ${explanation}`);
}

/** Seconds or a date. Source: RFC 9110, 10.2.3. */
function readRetryAfter(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), maxRetryAfterMs) : undefined;
}

const reasons: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN|EAI_NODATA|ENODATA)$/, 'the name of its host does not resolve'],
  [/^ECONNREFUSED$/, 'the connection was refused'],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'no connection; check the network'],
  [
    /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO$|HOSTNAME_MISMATCH)/,
    'the connection could not be secured (TLS)',
  ],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED)$/, 'the connection was cut'],
  [/^(TIMED_OUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/, 'no answer came in time'],
  [/^(ABORTED|UND_ERR_DESTROYED|UND_ERR_CLOSED)$/, 'the request was given up here'],
  [/^BODY_TOO_LARGE$/, 'the answer was too large'],
];

/** Turns a request without a readable answer into an error. */
export function classifyTransport(
  { wasSent, code }: { readonly wasSent: boolean; readonly code: string },
  { host, what, effect }: RequestFacts,
): HeadraceError {
  if (code === addressRefused)
    return new HeadraceError(
      'destination_misconfigured',
      `The webhook (${host}) lies at an address that is not of the open internet (private, link-local or the like), which is not connected to. Give the URL of a public host.`,
    );
  const reason = reasons.find(([pattern]) => pattern.test(code))?.[1] ?? 'the answer was unreadable';
  const said = `The webhook (${host}) could not be asked ${what}: ${reason} (${code}).`;
  return wasSent && effect === 'write'
    ? outcomeUnknown(said)
    : new HeadraceError('destination_unavailable', said);
}

const outcomeUnknown = (said: string, options: { readonly retryAfterMs?: number } = {}): HeadraceError =>
  new HeadraceError('destination_outcome_unknown', `${said} Whether it was applied is not known.`, options);
