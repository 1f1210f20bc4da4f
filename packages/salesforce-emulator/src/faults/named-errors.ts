/** A refusal of a whole call as Salesforce words it. `form` is how the body is built. */
export interface NamedError {
  readonly status: number;
  readonly message: string;
}

/** Status and message of the codes that refuse whole calls; an order may replace both. */
export const namedErrors: Readonly<Record<string, NamedError>> = {
  SERVER_UNAVAILABLE: { status: 503, message: 'Server Unavailable' },
  UNKNOWN_EXCEPTION: {
    status: 500,
    message:
      'An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)',
  },
  REQUEST_LIMIT_EXCEEDED: { status: 403, message: 'TotalRequests Limit exceeded.' },
  API_DISABLED_FOR_ORG: { status: 403, message: 'The REST API is not enabled for this Organization.' },
  API_CURRENTLY_DISABLED: { status: 403, message: 'API is disabled for this user' },
  QUERY_TIMEOUT: { status: 400, message: 'Your query request was running for too long.' },
  INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE: {
    status: 503,
    message: 'This org is undergoing maintenance: records can be read, not changed.',
  },
  INVALID_SESSION_ID: { status: 401, message: 'Session expired or invalid' },
  TXN_SECURITY_NO_ACCESS: {
    status: 403,
    message: "The operation you requested was blocked by your organization's security policy.",
  },
};

/** Messages of the codes that refuse single records. */
export const namedRecordErrors: Readonly<Record<string, string>> = {
  CANNOT_EXECUTE_FLOW_TRIGGER:
    'We can\'t save this record because the "Record-Triggered Flow" process failed. Give your Salesforce admin these details.',
  STORAGE_LIMIT_EXCEEDED: 'storage limit exceeded',
  INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE:
    'This org is undergoing maintenance: records can be read, not changed.',
  ENTITY_IS_LOCKED: 'This record is locked. If you need to edit it, contact your admin.',
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:
    'RecordTrigger: execution of BeforeSave caused by: System.DmlException',
  UNKNOWN_EXCEPTION: 'An unexpected error occurred. Please include this ErrorId if you contact support.',
};
