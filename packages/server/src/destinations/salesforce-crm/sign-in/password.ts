import {
  callTimeLimitField,
  clientIdField,
  clientSecretField,
  customDomainField,
  usernameField,
} from './fields.ts';
import { type SignInWay, textOf } from './sign-in-way.ts';

const denied =
  'Check username, password and, unless this server has a trusted address in the org, the security token at the end of the password. The org may also block this way to sign in, with the same answer (Setup > OAuth and OpenID Connect Settings > Allow OAuth Username-Password Flows; the Login History of the user then says so), or the user may be locked out.';

/**
 * Username, Password, Client ID, Client Secret and Custom Domain. There is never a refresh token.
 * Source: Salesforce Help, "OAuth 2.0 Username-Password Flow for Special Scenarios".
 */
export const passwordWay: SignInWay = {
  declaration: {
    type: 'oauth2-password',
    title: 'OAuth 2 with username and password',
    fields: [
      usernameField,
      {
        name: 'password',
        title: 'Password',
        description: 'Your Salesforce account password.',
        required: true,
        secret: true,
        maxLength: 1_000,
      },
      {
        name: 'security_token',
        title: 'Security Token',
        description:
          'The security token of the user, unless it stands at the end of the password already or the address of this server is trusted in the org.',
        required: false,
        secret: true,
        maxLength: 255,
      },
      { ...clientIdField, description: 'Your Salesforce connected app Consumer Key.' },
      { ...clientSecretField, description: 'Your Salesforce connected app Consumer Secret.' },
      customDomainField,
      callTimeLimitField,
    ],
  },
  check: () => undefined,
  form: (values) => ({
    grant_type: 'password',
    client_id: textOf(values, 'client_id'),
    client_secret: textOf(values, 'client_secret'),
    username: textOf(values, 'username'),
    // A password may begin or end with a space.
    password: (values.password ?? '') + textOf(values, 'security_token'),
  }),
  remedies: new Map([
    ['invalid_grant authentication failure', denied],
    ['invalid_grant', denied],
    [
      'unsupported_grant_type',
      'The org or app does not allow signing in with username and password: use a connected app (not an external client app) and allow it in Setup > OAuth and OpenID Connect Settings.',
    ],
  ]),
  findings: [
    {
      topic: 'sign_in',
      subject: 'username and password',
      severity: 'warning',
      message:
        'Salesforce is retiring the sign-in with username and password: it is blocked by default in orgs made since Summer 2023 and new connected apps need the help of Salesforce Support.',
      remedy: 'Plan for another way to sign in; the account can be changed to it.',
    },
  ],
  hasRefreshToken: false,
};
