import type { Answer, Call } from '../../http/route.ts';
import { isPermitted } from '../app-approvals.ts';
import { identifyClient } from '../client.ts';
import { oauthErrors } from '../oauth-error.ts';
import { requireParameter } from '../parameters.ts';
import { refusalOf, refuseFlow, type SignInWay, signInByPassword } from '../sign-in.ts';
import { tokenAnswer } from '../token-answer.ts';

/** Username-password flow: all scopes of the app but a refresh token, which this flow never gives. */
export function passwordGrant(call: Call, parameters: URLSearchParams): Answer {
  const app = identifyClient(call, parameters, () => true);
  const username = requireParameter(parameters, 'username');
  const password = requireParameter(parameters, 'password');
  const way: SignInWay = { loginType: 'Remote Access 2.0', app, needsSecurityToken: true };
  if (!call.emulator.org.definition.signIn.usernamePasswordFlow) {
    refuseFlow(call, username, way);
    throw oauthErrors.authentication();
  }
  const signIn = signInByPassword(call, username, password, way);
  if (signIn.status !== 'Success') throw refusalOf(signIn.status);
  if (!isPermitted(app, signIn.member)) throw oauthErrors.notAdminApproved();
  return tokenAnswer(call, { app, userId: signIn.member.id, scopes: app.scopes, showScopes: false });
}
