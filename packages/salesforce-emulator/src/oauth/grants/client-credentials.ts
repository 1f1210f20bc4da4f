import type { Answer, Call } from '../../http/route.ts';
import { isPermitted } from '../app-approvals.ts';
import { identifyClient } from '../client.ts';
import { oauthErrors } from '../oauth-error.ts';
import { findMember } from '../org-members.ts';
import { resolveScopes } from '../scopes.ts';
import { refusalOf, signInMember } from '../sign-in.ts';
import { tokenAnswer } from '../token-answer.ts';

/** Client credentials flow: the app acts as its Run-As user; only on the org's own domain. */
export function clientCredentialsGrant(call: Call, parameters: URLSearchParams): Answer {
  const { org } = call.emulator;
  const host = (call.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (org.definition.signIn.loginHosts.includes(host)) throw oauthErrors.domain();
  const app = identifyClient(call, parameters, () => true);
  const member = app.runAs === undefined ? undefined : findMember(org, app.runAs);
  if (member === undefined) throw oauthErrors.noRunAsUser();
  const scopes = resolveScopes(app, parameters.get('scope'));
  if (!isPermitted(app, member)) throw oauthErrors.notAdminApproved();
  const way = { loginType: 'Remote Access 2.0', app, needsSecurityToken: false } as const;
  const signIn = signInMember(call, member, way);
  if (signIn.status !== 'Success') throw refusalOf(signIn.status);
  return tokenAnswer(call, { app, userId: member.id, scopes, showScopes: true });
}
