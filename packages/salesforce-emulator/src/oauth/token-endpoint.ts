import type { Answer, Call, Route } from '../http/route.ts';
import { refuseOtherFormats } from './answer-format.ts';
import { authorizationCodeGrant } from './grants/authorization-code.ts';
import { clientCredentialsGrant } from './grants/client-credentials.ts';
import { jwtBearerGrant } from './grants/jwt-bearer.ts';
import { passwordGrant } from './grants/password.ts';
import { refreshTokenGrant } from './grants/refresh-token.ts';
import { oauthErrors, withOAuthErrors } from './oauth-error.ts';
import { readParameters, requireParameter } from './parameters.ts';

type Grant = (call: Call, parameters: URLSearchParams) => Answer;

const grants: ReadonlyMap<string, Grant> = new Map([
  ['password', passwordGrant],
  ['client_credentials', clientCredentialsGrant],
  ['urn:ietf:params:oauth:grant-type:jwt-bearer', jwtBearerGrant],
  ['authorization_code', authorizationCodeGrant],
  ['refresh_token', refreshTokenGrant],
]);

/** Grants Salesforce knows and this emulator does not. */
const laterGrants = new Set([
  'assertion',
  'device',
  'hybrid_auth_code',
  'hybrid_refresh',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:ietf:params:oauth:grant-type:device',
  'urn:ietf:params:oauth:grant-type:token-exchange',
]);

function issueToken(call: Call): Answer {
  const parameters = readParameters(call);
  refuseOtherFormats(call, parameters);
  const name = requireParameter(parameters, 'grant_type');
  const grant = grants.get(name);
  if (grant !== undefined) return grant(call, parameters);
  throw laterGrants.has(name)
    ? oauthErrors.notImplemented(`The grant type ${name}`)
    : oauthErrors.grantType();
}

function refuseGet(): Answer {
  throw oauthErrors.postOnly();
}

/** Where tokens are asked for. */
export const tokenRoutes: readonly Route[] = [
  {
    path: '/services/oauth2/token',
    access: 'open',
    methods: { POST: withOAuthErrors(issueToken), GET: withOAuthErrors(refuseGet) },
  },
];
