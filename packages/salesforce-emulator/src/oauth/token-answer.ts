import { createHmac } from 'node:crypto';
import type { ConnectedApp } from '../definition/connected-apps.ts';
import type { OAuthScope } from '../definition/oauth-scope.ts';
import type { Answer, Call } from '../http/route.ts';
import { now } from '../org/org-state.ts';
import { createIdToken } from './id-token.ts';
import { identityUrl } from './identity-url.ts';
import { scopeText } from './scopes.ts';

/** What a grant gives. The password grant alone does not tell the scopes. */
export interface Granted {
  readonly app: ConnectedApp;
  readonly userId: string;
  readonly scopes: readonly OAuthScope[];
  readonly showScopes: boolean;
  /** Hash of the refresh token behind the session. */
  readonly refreshHash?: string | undefined;
  /** A refresh token the client has not seen yet. */
  readonly refreshToken?: string | undefined;
  /** Present where an id token is due once `openid` was granted. */
  readonly idToken?: { readonly nonce: string | undefined } | undefined;
}

/**
 * Opens a session and answers its access token. `signature` is HMAC-SHA256 of id and issued_at under the client
 * secret. There is no `expires_in`, as Salesforce sends none.
 */
export function tokenAnswer(call: Call, granted: Granted): Answer {
  const { org, sessions } = call.emulator;
  const { app, userId, scopes } = granted;
  const accessToken = sessions.open({
    userId,
    clientId: app.clientId,
    scopes,
    timeoutMinutes: app.sessionTimeoutMinutes,
    refreshHash: granted.refreshHash,
  });
  const id = identityUrl(call, userId);
  const issuedAt = String(now(org));
  const idToken =
    granted.idToken !== undefined && scopes.includes('openid')
      ? createIdToken(call, { userId, clientId: app.clientId, nonce: granted.idToken.nonce }, accessToken)
      : undefined;
  return {
    status: 200,
    body: {
      access_token: accessToken,
      refresh_token: granted.refreshToken,
      signature: createHmac('sha256', app.clientSecret)
        .update(id + issuedAt)
        .digest('base64'),
      scope: granted.showScopes ? scopeText(scopes) : undefined,
      id_token: idToken,
      instance_url: call.baseUrl,
      id,
      token_type: 'Bearer',
      issued_at: issuedAt,
    },
  };
}
