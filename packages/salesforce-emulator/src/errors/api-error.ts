/** A refusal of a whole request: answered as Salesforce does, `[{"message", "errorCode", "fields"?}]`. */
export class ApiError extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly fields: readonly string[] | undefined;

  constructor(status: number, errorCode: string, message: string, fields?: readonly string[]) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
  }
}

export const apiErrors = {
  notFound: (): ApiError => new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist'),
  keyNotAccessible: (key: string): ApiError =>
    new ApiError(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${key}`),
  session: (): ApiError => new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid'),
  /** For a token whose scopes do not reach the resource; clients take it that a new token would not either. */
  sessionNotForRest: (): ApiError =>
    new ApiError(401, 'INVALID_SESSION_ID', 'This session is not valid for use with the REST API'),
  authHeader: (): ApiError => new ApiError(401, 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE'),
  json: (detail: string): ApiError => new ApiError(400, 'JSON_PARSER_ERROR', detail),
  method: (method: string, allowed: readonly string[]): ApiError =>
    new ApiError(
      405,
      'METHOD_NOT_ALLOWED',
      `HTTP Method '${method}' not allowed. Allowed are ${allowed.join(',')}`,
    ),
  apiDisabled: (): ApiError =>
    new ApiError(403, 'API_DISABLED_FOR_ORG', 'API is not enabled for this Organization or Partner'),
  requestLimit: (): ApiError => new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'),
  /** Too many calls that take 20 seconds or more at a time. */
  concurrentRequests: (): ApiError =>
    new ApiError(
      403,
      'REQUEST_LIMIT_EXCEEDED',
      'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
    ),
  unsupportedVersion: (): ApiError =>
    new ApiError(410, 'UNSUPPORTED_API_VERSION', 'The requested API version has been retired.'),
  tooManyRecords: (limit: number): ApiError =>
    new ApiError(
      400,
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${limit} records into this call`,
    ),
  notImplemented: (what: string): ApiError =>
    new ApiError(
      501,
      'NOT_IMPLEMENTED_BY_EMULATOR',
      `${what} is not implemented by this emulator. Nothing was changed.`,
    ),
};
