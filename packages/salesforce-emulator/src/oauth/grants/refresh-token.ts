import type { Answer, Call } from '../../http/route.ts';
import { now } from '../../org/org-state.ts';
import { isPermitted } from '../app-approvals.ts';
import { identifyClient } from '../client.ts';
import { oauthErrors } from '../oauth-error.ts';
import { findMemberById } from '../org-members.ts';
import { requireParameter } from '../parameters.ts';
import {
  findRefreshToken,
  isRefreshTokenAlive,
  issueRefreshToken,
  removeRefreshToken,
  touchRefreshToken,
} from '../refresh-tokens.ts';
import { checkPolicy, refusalOf } from '../sign-in.ts';
import { tokenAnswer } from '../token-answer.ts';

/** Refresh token flow: a new access token with the same scopes; a new refresh token only with rotation. */
export function refreshTokenGrant(call: Call, parameters: URLSearchParams): Answer {
  const { org, sessions } = call.emulator;
  const app = identifyClient(
    call,
    parameters,
    ({ clientSecret, requireSecretForRefresh }) => clientSecret !== '' && requireSecretForRefresh,
  );
  const found = findRefreshToken(org, requireParameter(parameters, 'refresh_token'));
  if (found === undefined || found.clientId !== app.clientId) throw oauthErrors.token();
  if (!isRefreshTokenAlive(app, found, now(org))) {
    removeRefreshToken(org, found.hash);
    throw oauthErrors.token();
  }
  const member = findMemberById(org, found.userId);
  if (member === undefined) throw oauthErrors.token();
  const status = checkPolicy(call, member, app);
  if (status !== 'Success') throw refusalOf(status);
  if (!isPermitted(app, member)) throw oauthErrors.notAdminApproved();
  const granted = { app, userId: found.userId, scopes: found.scopes, showScopes: true };
  const idToken = { nonce: undefined };
  if (!app.rotateRefreshTokens) {
    touchRefreshToken(org, found.hash);
    return tokenAnswer(call, { ...granted, refreshHash: found.hash, idToken });
  }
  removeRefreshToken(org, found.hash);
  sessions.revokeOf(found.hash);
  const { token, hash } = issueRefreshToken(org, found.userId, found.clientId, found.scopes);
  return tokenAnswer(call, { ...granted, refreshHash: hash, refreshToken: token, idToken });
}
