import type { Answer, Handler } from '../http/route.ts';

/** A refusal of Salesforce's authorization endpoints: `{"error", "error_description"}`. */
export class OAuthError extends Error {
  readonly status: number;
  readonly error: string;

  constructor(error: string, description: string, status = 400) {
    super(description);
    this.error = error;
    this.status = status;
  }
}

const grant = (description: string): OAuthError => new OAuthError('invalid_grant', description);

/**
 * Salesforce's refusals with its own words. Sources: salesforce.md, section 1; the texts it lacks are from
 * recorded answers (redirect_uri_mismatch, invalid_app_access, code challenge and verifier, denied consent).
 */
export const oauthErrors = {
  missing: (name: string): OAuthError =>
    new OAuthError('invalid_request', `missing required parameter: ${name}`),
  postOnly: (): OAuthError => new OAuthError('invalid_request', 'must use HTTP POST'),
  grantType: (): OAuthError => new OAuthError('unsupported_grant_type', 'grant type not supported'),
  responseType: (): OAuthError => new OAuthError('unsupported_response_type', 'response type not supported'),
  clientId: (): OAuthError => new OAuthError('invalid_client_id', 'client identifier invalid'),
  clientSecret: (): OAuthError => new OAuthError('invalid_client', 'invalid client credentials'),
  redirectUri: (): OAuthError =>
    new OAuthError('redirect_uri_mismatch', 'redirect_uri must match configuration'),
  redirectUriMissing: (): OAuthError => new OAuthError('redirect_uri_missing', 'redirect_uri not provided'),
  scope: (): OAuthError =>
    new OAuthError('invalid_scope', 'the requested scope is invalid, unknown, or malformed'),
  notApproved: (): OAuthError => grant("user hasn't approved this consumer"),
  notAdminApproved: (): OAuthError =>
    new OAuthError('invalid_app_access', 'user is not admin approved to access this app'),
  refreshScope: (): OAuthError => new OAuthError('invalid_request', 'refresh_token scope is required'),
  audience: (): OAuthError => grant('Audience validation failed'),
  assertion: (): OAuthError => grant('invalid assertion'),
  noRunAsUser: (): OAuthError => grant('no client credentials user enabled'),
  domain: (): OAuthError => grant('request not supported on this domain'),
  codeInvalid: (): OAuthError => grant('invalid authorization code'),
  codeExpired: (): OAuthError => grant('expired authorization code'),
  codeVerifier: (): OAuthError => grant('invalid code verifier'),
  codeChallenge: (): OAuthError => new OAuthError('invalid_request', 'missing required code challenge'),
  token: (): OAuthError => grant('expired access/refresh token'),
  authentication: (): OAuthError => grant('authentication failure'),
  inactiveUser: (): OAuthError => grant('inactive user'),
  inactiveOrganization: (): OAuthError => grant('inactive organization'),
  ip: (): OAuthError => grant('ip restricted'),
  hours: (): OAuthError => grant('ip restricted or invalid login hours'),
  rate: (): OAuthError => new OAuthError('rate_limit_exceeded', 'login rate exceeded'),
  denied: (): OAuthError => new OAuthError('access_denied', 'end-user denied authorization'),
  immediate: (): OAuthError => new OAuthError('immediate_unsuccessful', 'immediate unsuccessful'),
  tokenType: (): OAuthError => new OAuthError('unsupported_token_type', 'this token type is not supported'),
  notImplemented: (what: string): OAuthError =>
    new OAuthError('not_implemented_by_emulator', `${what} is not implemented by this emulator.`, 501),
};

/** An OAuth refusal as JSON. */
export const oauthErrorAnswer = (error: OAuthError): Answer => ({
  status: error.status,
  body: { error: error.error, error_description: error.message },
});

/** A handler whose OAuth refusals become answers. */
export const withOAuthErrors =
  (handler: Handler): Handler =>
  (call) => {
    try {
      return handler(call);
    } catch (error) {
      if (error instanceof OAuthError) return oauthErrorAnswer(error);
      throw error;
    }
  };
