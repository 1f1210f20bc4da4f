import { createHash, randomBytes } from 'node:crypto';
import { type BrowserSignIn, HeadraceError } from '@headrace/core';
import { readValues } from '../account-fields.ts';
import { CountedHttp } from '../counted-http.ts';
import type { HostPolicy } from '../host-policy.ts';
import { requestToken } from './request-token.ts';
import { misconfigured, secretParameter, textOf } from './sign-in-way.ts';

const timeoutMs = 30_000;

/**
 * The web server flow with PKCE: Salesforce's page asks a person, and its answer comes back as a code that only who
 * began can exchange. Source: Salesforce Help, "OAuth 2.0 Web Server Flow for Web App Integration"; RFC 7636.
 */
export const createBrowserSignIn = (policy: HostPolicy): BrowserSignIn => ({
  begin: (account, { redirectUrl, state }) => {
    const { values, loginOrigin } = readValues(account, policy);
    const verifier = randomBytes(32).toString('base64url');
    const parameters = new URLSearchParams({
      response_type: 'code',
      client_id: textOf(values, 'client_id'),
      redirect_uri: redirectUrl,
      scope: 'api refresh_token',
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      // Or whoever happens to be logged in to Salesforce in this browser would become the account's user.
      prompt: 'login',
    });
    return {
      url: `${loginOrigin}/services/oauth2/authorize?${parameters}`,
      kept: { code_verifier: verifier },
    };
  },

  finish: async (account, { parameters, redirectUrl, kept }, ports, signal) => {
    const { way, values, loginOrigin, lostCallMs, secrets } = readValues(account, policy);
    if (parameters.error !== undefined)
      throw notGranted(parameters.error, parameters.error_description ?? '');
    const form = {
      grant_type: 'authorization_code',
      code: parameters.code ?? '',
      client_id: textOf(values, 'client_id'),
      ...secretParameter(values),
      redirect_uri: redirectUrl,
      code_verifier: kept.code_verifier ?? '',
    };
    const http = new CountedHttp(ports, lostCallMs);
    try {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const token = await requestToken(http, loginOrigin, form, way.remedies, secrets, deadline);
      if (token.refreshToken === null)
        throw misconfigured(
          'Salesforce gave no refresh token, without which the sign-in would end with its first session. Give the app the scope "Perform requests at any time (refresh_token, offline_access)" and a refresh token policy that does not expire it at once, then sign in again.',
        );
      return { refresh_token: token.refreshToken };
    } finally {
      await http.close();
    }
  },
});

/** What to do, by the `error` that Salesforce's page sent back. Source: Salesforce Help, "OAuth 2.0 Authorization Errors". */
const remedies = new Map([
  ['access_denied', 'Access was denied on the page of Salesforce. Begin again and allow it.'],
  [
    'OAUTH_APP_ACCESS_DENIED',
    'The app does not admit this user: give the user one of the profiles or permission sets named in the policies of the app, then begin again.',
  ],
  [
    'invalid_scope',
    'Give the app the scopes "Manage user data via APIs (api)" and "Perform requests at any time (refresh_token, offline_access)", then begin again.',
  ],
]);

/** The parameters come with the browser: of an unknown shape they are not repeated. */
function notGranted(error: string, description: string): HeadraceError {
  const isCode = /^[A-Za-z][A-Za-z_]{0,59}$/.test(error);
  const said = /^[\x20-\x7e]{1,200}$/.test(description) ? `: "${description}"` : '';
  return new HeadraceError(
    'destination_authentication_rejected',
    `Salesforce granted no access${isCode ? ` (${error}${said})` : ''}. ${remedies.get(error) ?? 'Correct what it names, then begin again.'}`,
  );
}
