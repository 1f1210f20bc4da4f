import type { ConnectedApp } from '../definition/connected-apps.ts';
import type { Call } from '../http/route.ts';
import type { AuthorizationRequest } from './authorizations.ts';
import { findApp } from './client.ts';
import { OAuthError, oauthErrors } from './oauth-error.ts';
import { requireParameter } from './parameters.ts';
import { resolveScopes } from './scopes.ts';

/** An authorize call with a known app and one of its callbacks, so that errors may go there. */
export interface AuthorizeCall {
  readonly app: ConnectedApp;
  readonly redirectUri: string;
  readonly state: string | undefined;
}

const optional = (query: URLSearchParams, name: string): string | undefined => {
  const value = query.get(name);
  return value === null || value === '' ? undefined : value;
};

/** The app and where its answers go. Throws what must be shown to the person instead. */
export function readAuthorizeCall(call: Call): AuthorizeCall {
  const app = findApp(call, requireParameter(call.query, 'client_id'));
  const redirectUri = optional(call.query, 'redirect_uri');
  if (redirectUri === undefined) throw oauthErrors.redirectUriMissing();
  if (!app.callbackUrls.includes(redirectUri) || !URL.canParse(redirectUri)) throw oauthErrors.redirectUri();
  return { app, redirectUri, state: optional(call.query, 'state') };
}

/** Response types Salesforce knows and this emulator does not. */
const laterResponseTypes = [
  'token',
  'token id_token',
  'id_token',
  'device_code',
  'hybrid_token',
  'code_credentials',
];

/** The request of an authorize call. Throws what goes back to the app. */
export function readAuthorizationRequest(call: Call, to: AuthorizeCall): AuthorizationRequest {
  const { query } = call;
  const responseType = requireParameter(query, 'response_type');
  if (laterResponseTypes.includes(responseType))
    throw oauthErrors.notImplemented(`The response type ${responseType}`);
  if (responseType !== 'code') throw oauthErrors.responseType();
  const scopes = resolveScopes(to.app, query.get('scope'));
  const codeChallenge = optional(query, 'code_challenge');
  if (codeChallenge === undefined && to.app.requirePkce) throw oauthErrors.codeChallenge();
  const method = query.get('code_challenge_method') ?? 'S256';
  if (codeChallenge !== undefined && method !== 'S256')
    throw new OAuthError('invalid_request', 'unsupported code challenge method');
  const prompts = (query.get('prompt') ?? '').split(' ');
  if (query.get('immediate') === 'true' || prompts.includes('none')) throw oauthErrors.immediate();
  return {
    clientId: to.app.clientId,
    redirectUri: to.redirectUri,
    scopes,
    state: to.state,
    nonce: optional(query, 'nonce'),
    codeChallenge,
    loginHint: query.get('login_hint') ?? '',
    mustConsent: prompts.includes('consent'),
  };
}
