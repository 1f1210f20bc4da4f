/**
 * Every error Headrace reports, in one table: HTTP status, whether trying again helps, who has to act.
 * `docs/errors.md` is generated from it.
 */
export const errorCodes = {
  invalid_input: {
    status: 400,
    retry: 'never',
    actor: 'caller',
    meaning: 'The request or a record in it is not what the endpoint takes.',
    remedy: 'Correct what the message and its pointer name, then send it again.',
  },
  authentication_required: {
    status: 401,
    retry: 'never',
    actor: 'caller',
    meaning: 'The request carries no valid token.',
    remedy: 'Send `Authorization: Bearer <token>`; the owner token lies in the data folder.',
  },
  permission_denied: {
    status: 403,
    retry: 'never',
    actor: 'administrator',
    meaning: 'The principal lacks the permission the route needs.',
    remedy: 'Ask an administrator for the permission the message names.',
  },
  policy_violation: {
    status: 403,
    retry: 'never',
    actor: 'caller',
    meaning: 'A governance policy forbids it.',
    remedy: 'Change the labels, the mapping or the marketing actions the message names.',
  },
  not_found: {
    status: 404,
    retry: 'never',
    actor: 'caller',
    meaning: 'There is no such thing.',
    remedy: 'List the collection to see what exists.',
  },
  conflict: {
    status: 409,
    retry: 'never',
    actor: 'caller',
    meaning: 'It exists already, or is in a state that does not allow this.',
    remedy: 'Read the present state and decide again.',
  },
  payload_too_large: {
    status: 413,
    retry: 'never',
    actor: 'caller',
    meaning: 'The body is larger than the endpoint takes.',
    remedy: 'Send fewer records, or upload a file as a batch.',
  },
  unsupported_media_type: {
    status: 415,
    retry: 'never',
    actor: 'caller',
    meaning: 'The content type is not one the endpoint reads.',
    remedy: 'Send the content type the message names.',
  },
  rate_limited: {
    status: 429,
    retry: 'later',
    actor: 'caller',
    meaning: 'The caller sends more than its share of what can be taken now.',
    remedy: 'Wait as long as Retry-After says, then send it again, less at a time.',
  },
  overloaded: {
    status: 503,
    retry: 'later',
    actor: 'nobody',
    meaning: 'More work is waiting than can be taken now.',
    remedy: 'Wait as long as Retry-After says, then send it again.',
  },
  destination_authentication_rejected: {
    status: 422,
    retry: 'never',
    actor: 'operator',
    meaning: 'The destination refused the credentials.',
    remedy: 'Correct the account as the message says and connect again.',
  },
  destination_misconfigured: {
    status: 422,
    retry: 'never',
    actor: 'operator',
    meaning: 'The destination lacks an object, field or right that the mapping needs.',
    remedy: 'Correct it in the destination or in the mapping, then retry.',
  },
  destination_rate_limited: {
    status: 503,
    retry: 'later',
    actor: 'nobody',
    meaning: 'The destination allows no more calls for now.',
    remedy: 'Nothing: delivery goes on by itself when calls are free again.',
  },
  destination_unavailable: {
    status: 502,
    retry: 'later',
    actor: 'nobody',
    meaning: 'The destination could not be reached or did not answer properly.',
    remedy: 'Check the domain and the network; delivery retries by itself.',
  },
  destination_outcome_unknown: {
    status: 502,
    retry: 'later',
    actor: 'nobody',
    meaning: 'A write was sent and no answer came back, so it may or may not have been applied.',
    remedy:
      'Nothing: the records are read back before anything is written again, or sent as they then are where nothing can be read.',
  },
  destination_request_rejected: {
    status: 502,
    retry: 'never',
    actor: 'maintainer',
    meaning: 'The destination called our request malformed.',
    remedy: 'Report it with the message: this is a defect of Headrace.',
  },
  internal: {
    status: 500,
    retry: 'later',
    actor: 'maintainer',
    meaning: 'Something that must not happen happened.',
    remedy: 'Look for the error id in the log and report it.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

type ErrorCodeEntry = {
  readonly status: number;
  readonly retry: 'never' | 'later';
  readonly actor: 'caller' | 'operator' | 'administrator' | 'maintainer' | 'nobody';
  readonly meaning: string;
  readonly remedy: string;
};

export type ErrorCode = keyof typeof errorCodes;
