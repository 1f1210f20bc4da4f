import { type ErrorCode, HeadraceError } from '@headrace/core';
import { parseJson } from '../http/parse-json.ts';
import { type RecordError, readRecordError } from './records/read-record-error.ts';
import { isGovernor } from './records/record-error.ts';

/** What a call was for: it decides what a missing answer means. */
export type CallFacts = {
  /** Completes "Salesforce refused …", for example `to write Contacts`. */
  readonly what: string;
  /** Host that was asked. */
  readonly host: string;
  /** A `write` may have been applied even where no answer came. */
  readonly effect: 'read' | 'write';
};

/** An answer that is no success. */
export type RefusedAnswer = {
  readonly status: number;
  readonly text: string;
  /** From `Sforce-Limit-Info`, where the answer carried it. */
  readonly usage: ApiUsage | undefined;
  readonly retryAfterSeconds: number | undefined;
};

export type ApiUsage = { readonly used: number; readonly allowed: number };

/** The rolling day frees calls bit by bit; a quarter of an hour frees about one in a hundred. */
const dailyLimitRetryMs = 15 * 60_000;
/** Concurrent calls over 20 s end within minutes. */
const concurrencyRetryMs = 30_000;

type Meaning = readonly [code: ErrorCode, explanation: string];
const disabled: Meaning = [
  'destination_misconfigured',
  'The API is switched off for this org or user. The edition of the org must include API access and the user needs the permission "API Enabled".',
];
const missing: Meaning = [
  'destination_misconfigured',
  'The user cannot see an object or field that the mapping needs. Check the object permissions and the field-level security of the user in Salesforce, and the targets of the mapping.',
];
const forbidden: Meaning = [
  'destination_misconfigured',
  'The user lacks a right. Give it in Salesforce (permission set or profile) or sign in as another user.',
];
const busy: Meaning = ['destination_unavailable', 'The org is busy or under maintenance.'];

/** One call did more than one transaction of the org may: it wrote nothing, and with fewer records it would not. */
export class TooMuchAtOnce extends HeadraceError {}

/** Error codes of whole calls. Source: REST API Developer Guide, "Status Codes and Error Responses". */
const meanings: Readonly<Record<string, Meaning>> = {
  API_DISABLED_FOR_ORG: disabled,
  API_CURRENTLY_DISABLED: disabled,
  TXN_SECURITY_NO_ACCESS: [
    'destination_misconfigured',
    'A transaction security policy of the org forbids the call.',
  ],
  STORAGE_LIMIT_EXCEEDED: ['destination_misconfigured', 'The data storage of the org is full.'],
  INVALID_FIELD: missing,
  INVALID_FIELD_FOR_INSERT_UPDATE: missing,
  INVALID_TYPE: missing,
  NOT_FOUND: missing,
  INSUFFICIENT_ACCESS: forbidden,
  INSUFFICIENT_ACCESS_OR_READONLY: forbidden,
  FUNCTIONALITY_NOT_ENABLED: forbidden,
  UNSUPPORTED_API_VERSION: [
    'destination_misconfigured',
    'The org no longer serves the API version. Connect again to choose another.',
  ],
  INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE: busy,
  QUERY_TIMEOUT: busy,
  REQUEST_RUNNING_TOO_LONG: busy,
  SERVER_UNAVAILABLE: busy,
  UNABLE_TO_LOCK_ROW: busy,
  UNKNOWN_EXCEPTION: busy,
};

/**
 * Turns an answer that is no success into an error, by status and error code, never by message text.
 *
 * A write counts as not applied only where Salesforce itself refused it: its own error list with a 4xx status,
 * and a code that does not speak of a call already being worked on.
 * A 5xx proves nothing: whether an UNKNOWN_EXCEPTION rolled everything back is not documented, and what an edge
 * or proxy answers says nothing of the org behind it.
 */
export function classifyRefusal(answer: RefusedAnswer, facts: CallFacts): HeadraceError {
  const { status } = answer;
  const errorCode = readErrorCode(answer.text);
  const asked = `Salesforce (${facts.host}) was asked ${facts.what} and answered ${status}`;
  if (errorCode === undefined) {
    if (facts.effect === 'write') return outcomeUnknown(`${asked}, not in the form of Salesforce.`);
    const hint =
      status >= 300 && status < 400
        ? ' It redirects elsewhere, which is not followed: use the address it leads to as Custom Domain.'
        : ' Something else may stand at that address or in between (proxy, maintenance page).';
    return unavailable(`${asked}, not in the form of Salesforce.${hint}`);
  }
  const said = `${asked} ${errorCode}.`;
  if (isProofOfRefusal(status, errorCode) && isGovernor(readErrors(answer.text)))
    return new TooMuchAtOnce(
      'destination_unavailable',
      `${said} Triggers and flows of the org did more for these records than one call may.`,
    );
  if (facts.effect === 'write' && !isProofOfRefusal(status, errorCode)) return outcomeUnknown(said);
  if (errorCode === 'REQUEST_LIMIT_EXCEEDED' || status === 429) return rateLimited(said, answer);
  if (status === 401)
    return new HeadraceError(
      'destination_authentication_rejected',
      `${said} It does not accept the session it has just opened. Check that the user may use the API and that sessions are not locked to another address (Setup > Session Settings).`,
    );
  const [code, explanation] = meanings[errorCode] ?? meaningOfStatus(status);
  return new HeadraceError(code, `${said} ${explanation}`);
}

/** These end a call that was being worked on. */
const endedWhileRunning = new Set([
  'UNKNOWN_EXCEPTION',
  'SERVER_UNAVAILABLE',
  'REQUEST_RUNNING_TOO_LONG',
  'QUERY_TIMEOUT',
  'UNABLE_TO_LOCK_ROW',
]);
const isProofOfRefusal = (status: number, errorCode: string): boolean =>
  status >= 400 && status < 500 && status !== 408 && !endedWhileRunning.has(errorCode);

/** Whether the session has ended, so that signing in again may help. */
export const isSessionExpired = (status: number, text: string): boolean =>
  status === 401 && readErrorCode(text) === 'INVALID_SESSION_ID';

function meaningOfStatus(status: number): Meaning {
  if (status >= 500 || status === 420 || status < 400) return busy;
  if (status === 403) return forbidden;
  if (status === 404) return missing;
  return ['destination_request_rejected', 'It does not understand the call, which is a defect of Headrace.'];
}

/** A 2xx answer whose body is not what the call is answered with. */
export const classifyStrangeAnswer = (facts: CallFacts, found: string): HeadraceError => {
  const said = `Salesforce (${facts.host}) was asked ${facts.what} and answered ${found}.`;
  return facts.effect === 'write'
    ? outcomeUnknown(said)
    : unavailable(`${said} Something else may stand at that address.`);
};

const transports: readonly (readonly [RegExp, string])[] = [
  [
    /^(ENOTFOUND|EAI_AGAIN|EAI_NODATA|ENODATA)$/,
    'the name does not resolve; check the Custom Domain and DNS',
  ],
  [/^ECONNREFUSED$/, 'the connection was refused; check the Custom Domain, port and firewall'],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'no connection; check the network'],
  [
    /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO$|HOSTNAME_MISMATCH)/,
    'the connection could not be secured (TLS); check the address, the clock and, behind an inspecting proxy, NODE_EXTRA_CA_CERTS',
  ],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED)$/, 'the connection was cut'],
  [/^(TIMED_OUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/, 'no answer came in time'],
  [
    /^(ABORTED|UND_ERR_DESTROYED|UND_ERR_CLOSED)$/,
    'the call was given up here (the program stops, or the account was changed)',
  ],
  [/^(BODY_TOO_LARGE|UND_ERR_RES_EXCEEDED_MAX_SIZE)$/, 'the answer was too large'],
];

/** Turns a request without a readable answer into an error. */
export function classifyTransport(
  failure: { readonly wasSent: boolean; readonly code: string },
  facts: CallFacts,
): HeadraceError {
  const reason =
    transports.find(([pattern]) => pattern.test(failure.code))?.[1] ?? 'the answer was unreadable';
  const said = `Salesforce (${facts.host}) could not be asked ${facts.what}: ${reason} (${failure.code}).`;
  return failure.wasSent && facts.effect === 'write' ? outcomeUnknown(said) : unavailable(said);
}

/** The errors of Salesforce's own list, read like those of a record. */
function readErrors(text: string): RecordError[] {
  const list = parseJson(text);
  return Array.isArray(list) ? list.map(readRecordError) : [];
}

/** The code of Salesforce's error list `[{"message", "errorCode", "fields"?}]`; undefined for anything else. */
function readErrorCode(text: string): string | undefined {
  const list = parseJson(text);
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  if (typeof first !== 'object' || first === null || !('errorCode' in first)) return undefined;
  const { errorCode } = first;
  return typeof errorCode === 'string' && /^[A-Z][A-Z0-9_]{0,79}$/.test(errorCode) ? errorCode : undefined;
}

function rateLimited(said: string, { usage, retryAfterSeconds }: RefusedAnswer): HeadraceError {
  const isDayUsedUp = usage !== undefined && usage.used >= usage.allowed;
  const retryAfterMs =
    retryAfterSeconds !== undefined
      ? retryAfterSeconds * 1_000
      : isDayUsedUp
        ? dailyLimitRetryMs
        : concurrencyRetryMs;
  const why = isDayUsedUp
    ? `The org has used ${usage.used} of its ${usage.allowed} API calls of the last 24 hours.`
    : 'Too many calls are running in the org at once.';
  return new HeadraceError('destination_rate_limited', `${said} ${why}`, { retryAfterMs });
}

const outcomeUnknown = (said: string): HeadraceError =>
  new HeadraceError('destination_outcome_unknown', `${said} Whether it was applied is not known.`);

const unavailable = (message: string): HeadraceError => new HeadraceError('destination_unavailable', message);
