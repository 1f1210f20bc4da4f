import type { Answer, Call } from '../../http/route.ts';
import { now } from '../../org/org-state.ts';
import { identifyClient } from '../client.ts';
import { isVerifierOf } from '../code-challenge.ts';
import { oauthErrors } from '../oauth-error.ts';
import { requireParameter } from '../parameters.ts';
import { issueRefreshToken } from '../refresh-tokens.ts';
import { covers } from '../scopes.ts';
import { tokenAnswer } from '../token-answer.ts';

/** Web server flow, second half: a code of the authorize page, used once within 15 minutes, for tokens. */
export function authorizationCodeGrant(call: Call, parameters: URLSearchParams): Answer {
  const { org, sessions, authorizations } = call.emulator;
  const app = identifyClient(
    call,
    parameters,
    ({ clientSecret, requireSecretForWebServerFlow }) => clientSecret !== '' && requireSecretForWebServerFlow,
  );
  const code = authorizations.takeCode(requireParameter(parameters, 'code'), now(org));
  if (code === 'unknown') throw oauthErrors.codeInvalid();
  if (code === 'spent') throw oauthErrors.codeExpired();
  const { request, userId } = code;
  if (request.clientId !== app.clientId) throw oauthErrors.codeInvalid();
  const redirectUri = parameters.get('redirect_uri') ?? '';
  if (redirectUri === '') throw oauthErrors.redirectUriMissing();
  if (redirectUri !== request.redirectUri) throw oauthErrors.redirectUri();
  if (!isVerifierOf(parameters.get('code_verifier') ?? '', request.codeChallenge))
    throw oauthErrors.codeVerifier();
  const granted = { app, userId, scopes: request.scopes, showScopes: true };
  const idToken = { nonce: request.nonce };
  if (!covers(request.scopes, 'refresh_token')) return tokenAnswer(call, { ...granted, idToken });
  const issued = issueRefreshToken(org, userId, app.clientId, request.scopes);
  for (const hash of issued.ended) sessions.revokeOf(hash);
  return tokenAnswer(call, {
    ...granted,
    refreshHash: issued.hash,
    refreshToken: issued.token,
    idToken,
  });
}
