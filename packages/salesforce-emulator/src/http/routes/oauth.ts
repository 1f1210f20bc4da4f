import { createHmac } from 'node:crypto';
import type { ConnectedApp } from '../../definition/connected-apps.ts';
import type { OrgUser } from '../../definition/users.ts';
import { userIdOf } from '../../org/open-org.ts';
import { now } from '../../org/org-state.ts';
import type { Answer, Call, Route } from '../route.ts';

const oauthError = (status: number, error: string, description: string): Answer => ({
  status,
  body: { error, error_description: description },
});

const missing = (name: string): Answer =>
  oauthError(400, 'invalid_request', `missing required parameter: ${name}`);
const authenticationFailure = oauthError(400, 'invalid_grant', 'authentication failure');

/** Grants Salesforce knows and this emulator does not yet. */
const laterGrants = new Set([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:ietf:params:oauth:grant-type:device',
]);

/** Parameters from the form body, or from the query string as Salesforce also accepts them. */
function readParameters(call: Call): URLSearchParams {
  const parameters = new URLSearchParams(call.query);
  for (const [name, value] of new URLSearchParams(call.body.toString('utf8'))) parameters.set(name, value);
  return parameters;
}

function issueToken(call: Call): Answer {
  const parameters = readParameters(call);
  const grant = parameters.get('grant_type') ?? '';
  if (grant === '') return missing('grant_type');
  if (laterGrants.has(grant))
    return oauthError(
      501,
      'not_implemented_by_emulator',
      `The grant type ${grant} is not implemented by this emulator.`,
    );
  if (grant !== 'password') return oauthError(400, 'unsupported_grant_type', 'grant type not supported');
  return passwordGrant(call, parameters);
}

function passwordGrant(call: Call, parameters: URLSearchParams): Answer {
  const { definition } = call.emulator.org;
  const basic = basicCredentials(call.headers.authorization);
  const clientId = parameters.get('client_id') ?? basic?.id ?? '';
  const clientSecret = parameters.get('client_secret') ?? basic?.secret ?? '';
  if (clientId === '') return missing('client_id');
  const app = definition.connectedApps.find((candidate) => candidate.clientId === clientId);
  if (app === undefined) return oauthError(400, 'invalid_client_id', 'client identifier invalid');
  if (clientSecret === '') return missing('client_secret');
  if (clientSecret !== app.clientSecret)
    return oauthError(400, 'invalid_client', 'invalid client credentials');
  const username = parameters.get('username') ?? '';
  const password = parameters.get('password') ?? '';
  if (username === '') return missing('username');
  if (password === '') return missing('password');
  const user = definition.users.find(
    (candidate) => candidate.username.toLowerCase() === username.toLowerCase(),
  );
  if (user === undefined || password !== user.password + user.securityToken) return authenticationFailure;
  if (!user.active) return oauthError(400, 'invalid_grant', 'inactive user');
  return tokenAnswer(call, user, app);
}

function basicCredentials(
  header: string | undefined,
): { readonly id: string; readonly secret: string } | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** Access token answer; `signature` is HMAC-SHA256 of id and issued_at under the client secret. */
function tokenAnswer(call: Call, user: OrgUser, app: ConnectedApp): Answer {
  const { org, sessions } = call.emulator;
  const userId = userIdOf(org, user.username);
  if (userId === undefined) return authenticationFailure;
  const id = identityUrl(call, userId);
  const issuedAt = String(now(org));
  return {
    status: 200,
    body: {
      access_token: sessions.open(userId, app.clientId),
      instance_url: call.baseUrl,
      id,
      token_type: 'Bearer',
      issued_at: issuedAt,
      signature: createHmac('sha256', app.clientSecret)
        .update(id + issuedAt)
        .digest('base64'),
    },
  };
}

/** The identity URL of a user, on the host the client reached. */
export const identityUrl = (call: Call, userId: string): string =>
  `${call.baseUrl}/id/${call.emulator.org.organizationId}/${userId}`;

function revokeToken(call: Call): Answer {
  const token = readParameters(call).get('token') ?? '';
  if (token === '') return missing('token');
  if (!call.emulator.sessions.revoke(token))
    return oauthError(400, 'unsupported_token_type', 'this token type is not supported');
  return { status: 200, body: '', contentType: 'text/plain' };
}

export const oauthRoutes: readonly Route[] = [
  { path: '/services/oauth2/token', access: 'open', methods: { POST: issueToken } },
  { path: '/services/oauth2/revoke', access: 'open', methods: { POST: revokeToken, GET: revokeToken } },
];
