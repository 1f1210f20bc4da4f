import type { Answer, Call, Route } from '../http/route.ts';
import { now } from '../org/org-state.ts';
import { readUserRow } from '../org/users.ts';
import { withdrawApproval } from './app-approvals.ts';
import { identifyClient } from './client.ts';
import { identityUrl } from './identity-url.ts';
import { oauthErrors, withOAuthErrors } from './oauth-error.ts';
import { readParameters, requireParameter } from './parameters.ts';
import { findRefreshToken, isRefreshTokenAlive, removeRefreshToken } from './refresh-tokens.ts';
import { scopeText } from './scopes.ts';

/** Ends an access token, or a refresh token with the sessions that came from it. */
function revokeToken(call: Call): Answer {
  const { org, sessions } = call.emulator;
  const token = requireParameter(readParameters(call), 'token');
  const refresh = findRefreshToken(org, token);
  if (refresh !== undefined) {
    removeRefreshToken(org, refresh.hash);
    sessions.revokeOf(refresh.hash);
    withdrawApproval(org, refresh.clientId, refresh.userId);
  } else if (!sessions.revoke(token)) throw oauthErrors.tokenType();
  return { status: 200, body: '', contentType: 'text/plain' };
}

const seconds = (instant: number): number => Math.floor(instant / 1000);

/** Tells an app about its own tokens; those of others are as good as unknown. */
function introspectToken(call: Call): Answer {
  const { org, sessions } = call.emulator;
  const parameters = readParameters(call);
  const app = identifyClient(call, parameters, ({ clientSecret }) => clientSecret !== '');
  const token = requireParameter(parameters, 'token');
  const session = sessions.find(token);
  const refresh = session === undefined ? findRefreshToken(org, token) : undefined;
  const found = session ?? refresh;
  const isAlive = refresh === undefined || isRefreshTokenAlive(app, refresh, now(org));
  if (found === undefined || found.clientId !== app.clientId || !isAlive)
    return { status: 200, body: { active: false } };
  const expiry = session === undefined ? {} : { exp: seconds(now(org) + session.timeoutMs) };
  return {
    status: 200,
    body: {
      active: true,
      scope: scopeText(found.scopes),
      client_id: found.clientId,
      username: readUserRow(org, found.userId)?.Username ?? null,
      sub: identityUrl(call, found.userId),
      token_type: session === undefined ? 'refresh_token' : 'access_token',
      ...expiry,
      iat: seconds(found.issuedAt),
      nbf: seconds(found.issuedAt),
    },
  };
}

const revoke = withOAuthErrors(revokeToken);

/** What happens to tokens after their issue. */
export const tokenCareRoutes: readonly Route[] = [
  { path: '/services/oauth2/revoke', access: 'open', methods: { POST: revoke, GET: revoke } },
  {
    path: '/services/oauth2/introspect',
    access: 'open',
    methods: { POST: withOAuthErrors(introspectToken) },
  },
];
