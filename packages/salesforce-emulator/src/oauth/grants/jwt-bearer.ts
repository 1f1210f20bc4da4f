import type { Answer, Call } from '../../http/route.ts';
import { type JsonObject, type JsonValue, ownValue } from '../../json.ts';
import { now } from '../../org/org-state.ts';
import { hasApproved, isPermitted } from '../app-approvals.ts';
import { findApp } from '../client.ts';
import { oauthErrors } from '../oauth-error.ts';
import { findMember } from '../org-members.ts';
import { requireParameter } from '../parameters.ts';
import { covers, resolveScopes } from '../scopes.ts';
import { refusalOf, signInMember } from '../sign-in.ts';
import { tokenAnswer } from '../token-answer.ts';
import { isSignedBy, readAssertion } from '../verify-assertion.ts';

/**
 * JWT bearer flow. The assertion may be used again until it expires. `exp` is in seconds; Salesforce's CLI sends
 * milliseconds, so an expiry far ahead is taken. Without a certificate of the app no assertion is valid.
 */
export function jwtBearerGrant(call: Call, parameters: URLSearchParams): Answer {
  const { org } = call.emulator;
  const assertion = requireParameter(parameters, 'assertion');
  const claims = readAssertion(assertion);
  if (claims === undefined) throw oauthErrors.assertion();
  const app = findApp(call, textClaim(claims, 'iss'));
  if (app.certificate === undefined || !isSignedBy(assertion, app.certificate)) throw oauthErrors.assertion();
  const expiry = ownValue(claims, 'exp');
  if (typeof expiry !== 'number' || expiry * 1000 <= now(org)) throw oauthErrors.assertion();
  if (!isForThisOrg(call, ownValue(claims, 'aud'))) throw oauthErrors.audience();
  const member = findMember(org, textClaim(claims, 'sub'));
  if (member === undefined) throw oauthErrors.notApproved();
  if (!isPermitted(app, member)) throw oauthErrors.notAdminApproved();
  if (!hasApproved(org, app, member)) throw oauthErrors.notApproved();
  if (app.permittedUsers === 'admin_approved' && !covers(app.scopes, 'refresh_token'))
    throw oauthErrors.refreshScope();
  const scopes = resolveScopes(app, parameters.get('scope'));
  const way = { loginType: 'Remote Access 2.0', app, needsSecurityToken: false } as const;
  const signIn = signInMember(call, member, way);
  if (signIn.status !== 'Success') throw refusalOf(signIn.status);
  return tokenAnswer(call, { app, userId: member.id, scopes, showScopes: true });
}

function textClaim(claims: JsonObject, name: string): string {
  const value = ownValue(claims, name);
  return typeof value === 'string' ? value : '';
}

function isForThisOrg(call: Call, audience: JsonValue | undefined): boolean {
  const accepted = [
    call.baseUrl,
    `${call.baseUrl}/services/oauth2/token`,
    'https://login.salesforce.com',
    'https://test.salesforce.com',
    ...call.emulator.org.definition.signIn.audiences,
  ];
  const given = Array.isArray(audience) ? audience : [audience];
  return given.some(
    (candidate) => typeof candidate === 'string' && accepted.includes(candidate.replace(/\/$/, '')),
  );
}
