import { callTimeLimitField, clientIdField, clientSecretField, customDomainField } from './fields.ts';
import { misconfigured, type SignInWay, textOf } from './sign-in-way.ts';

const ownDomain =
  'Sign in at the My Domain of the org (acme.my.salesforce.com) as Custom Domain: login.salesforce.com and test.salesforce.com do not take client credentials.';

/**
 * The app itself signs in, as the user that its policies name.
 * Source: Salesforce Help, "OAuth 2.0 Client Credentials Flow for Server-to-Server Integration".
 */
export const clientCredentialsWay: SignInWay = {
  declaration: {
    type: 'oauth2-client-credentials',
    title: 'OAuth 2 with client credentials',
    fields: [
      clientIdField,
      clientSecretField,
      {
        name: 'custom_domain',
        title: customDomainField.title,
        description: 'The My Domain of the org: its name (acme), host (acme.my.salesforce.com) or URL.',
        required: true,
        secret: false,
        maxLength: 1_000,
      },
      callTimeLimitField,
    ],
  },
  check: (_values, loginOrigin) => {
    if (/^https:\/\/(?:login|test)\.salesforce\.(?:com|mil)$/.test(loginOrigin))
      throw misconfigured(ownDomain);
  },
  form: (values) => ({
    grant_type: 'client_credentials',
    client_id: textOf(values, 'client_id'),
    client_secret: textOf(values, 'client_secret'),
  }),
  remedies: new Map([
    ['invalid_grant request not supported on this domain', ownDomain],
    [
      'invalid_grant no client credentials user enabled',
      'Name a user in the policies of the app (Client Credentials Flow > Run As), and check that this user is active.',
    ],
    [
      'unsupported_grant_type',
      'Switch on the client credentials flow in the OAuth settings of the app and in its policies.',
    ],
    [
      'invalid_grant',
      'Check that the app has the client credentials flow switched on, in its settings and in its policies, with a Run As user who may use the API.',
    ],
  ]),
  findings: [],
  hasRefreshToken: false,
};
