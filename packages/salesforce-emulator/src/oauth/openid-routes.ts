import { oauthScopes } from '../definition/oauth-scope.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { signingKeyOf } from './signing-key.ts';

function showKeys(call: Call): Answer {
  const { publicKey, kid } = signingKeyOf(call.emulator.org);
  const { n, e } = publicKey.export({ format: 'jwk' });
  return { status: 200, body: { keys: [{ kty: 'RSA', use: 'sig', alg: 'RS256', kid, n, e }] } };
}

function showConfiguration({ baseUrl }: Call): Answer {
  const oauth = `${baseUrl}/services/oauth2`;
  return {
    status: 200,
    body: {
      issuer: baseUrl,
      authorization_endpoint: `${oauth}/authorize`,
      token_endpoint: `${oauth}/token`,
      revocation_endpoint: `${oauth}/revoke`,
      userinfo_endpoint: `${oauth}/userinfo`,
      introspection_endpoint: `${oauth}/introspect`,
      jwks_uri: `${baseUrl}/id/keys`,
      scopes_supported: oauthScopes,
      response_types_supported: ['code'],
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        'password',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
      ],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      display_values_supported: ['page'],
    },
  };
}

/** Where OpenID Connect clients find the endpoints and the key of id tokens. */
export const openIdRoutes: readonly Route[] = [
  { path: '/.well-known/openid-configuration', access: 'open', methods: { GET: showConfiguration } },
  { path: '/id/keys', access: 'open', methods: { GET: showKeys } },
];
