import { callTimeLimitField, clientIdField, clientSecretField, customDomainField } from './fields.ts';
import { misconfigured, type SignInWay, secretParameter, textOf } from './sign-in-way.ts';

const again = 'Sign in again in the browser: the sign-in of this account was revoked, or has expired.';

/**
 * A person signs in at Salesforce and allows access; from then on a refresh token opens sessions.
 * Source: Salesforce Help, "OAuth 2.0 Web Server Flow for Web App Integration", "OAuth 2.0 Refresh Token Flow for
 * Renewed Sessions".
 */
export const authorizationCodeWay: SignInWay = {
  declaration: {
    type: 'oauth2-authorization-code',
    title: 'OAuth 2 in the browser (web server flow)',
    inBrowser: true,
    fields: [
      clientIdField,
      {
        ...clientSecretField,
        required: false,
        description: `${clientSecretField.description} May be left out where the app requires none for the web server flow and for refreshing.`,
      },
      customDomainField,
      callTimeLimitField,
    ],
  },
  check: (values) => {
    if (textOf(values, 'refresh_token') === '') throw misconfigured(again);
  },
  form: (values) => ({
    grant_type: 'refresh_token',
    client_id: textOf(values, 'client_id'),
    ...secretParameter(values),
    refresh_token: textOf(values, 'refresh_token'),
  }),
  remedies: new Map([
    ['invalid_grant expired access/refresh token', again],
    ['invalid_grant', again],
    [
      'invalid_request missing required parameter: client_secret',
      'The app requires its Client Secret: sign in again with it.',
    ],
  ]),
  findings: [],
  hasRefreshToken: true,
};
