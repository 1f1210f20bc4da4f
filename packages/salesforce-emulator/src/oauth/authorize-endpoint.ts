import type { Answer, Call, Route } from '../http/route.ts';
import { now } from '../org/org-state.ts';
import { hasApproved, isPermitted, noteApproval } from './app-approvals.ts';
import type { PendingAuthorization } from './authorizations.ts';
import { approvePage, authorizeErrorPage, loginPage } from './authorize-pages.ts';
import { readAuthorizationRequest, readAuthorizeCall } from './authorize-request.ts';
import { findApp } from './client.ts';
import { OAuthError, oauthErrorAnswer, oauthErrors } from './oauth-error.ts';
import { findMemberById } from './org-members.ts';
import { signInByPassword } from './sign-in.ts';

const cookieName = 'emulator_authorization';

/** Sends the browser back to the app, with the parameters added to its callback. */
function redirectTo(redirectUri: string, state: string | undefined, parameters: object): Answer {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries({ ...parameters, ...(state === undefined ? {} : { state }) }))
    url.searchParams.set(name, String(value));
  return { status: 302, headers: { Location: url.href } };
}

/** First call of the web server flow: answers the login page. */
function authorize(call: Call): Answer {
  const { org, authorizations } = call.emulator;
  try {
    const to = readAuthorizeCall(call);
    try {
      const request = readAuthorizationRequest(call, to);
      const { id, browser } = authorizations.begin(request, now(org));
      const cookie = `${cookieName}=${browser}; Path=/services/oauth2; HttpOnly; SameSite=Strict`;
      return loginPage(to.app, to.redirectUri, id, request.loginHint, undefined, cookie);
    } catch (error) {
      if (!(error instanceof OAuthError) || error.status === 501) throw error;
      return redirectTo(to.redirectUri, to.state, {
        error: error.error,
        error_description: error.message,
      });
    }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return error.status === 501 ? oauthErrorAnswer(error) : authorizeErrorPage(error);
  }
}

const cookieOf = (header: string | undefined): string =>
  (header ?? '')
    .split(/; */)
    .find((part) => part.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1) ?? '';

/** The forms of the login and approve pages. Only the browser that began may go on: the cookie proves it. */
function proceed(call: Call): Answer {
  const { org, authorizations } = call.emulator;
  const form = new URLSearchParams(call.body.toString('utf8'));
  const id = form.get('authorization') ?? '';
  const pending = authorizations.find(id, cookieOf(call.headers.cookie), now(org));
  if (pending === undefined)
    return authorizeErrorPage(
      new OAuthError('invalid_request', 'This page is too old, or was opened elsewhere. Start again.'),
    );
  try {
    if (pending.userId === undefined) return logIn(call, id, pending, form);
    return decide(call, id, pending, pending.userId, form.get('decision') ?? '');
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return authorizeErrorPage(error);
  }
}

function logIn(call: Call, id: string, pending: PendingAuthorization, form: URLSearchParams): Answer {
  const { org, authorizations } = call.emulator;
  const { request } = pending;
  const app = findApp(call, request.clientId);
  const username = form.get('username') ?? '';
  const way = { loginType: 'Remote Access 2.0', app, needsSecurityToken: false } as const;
  const signIn = signInByPassword(call, username, form.get('password') ?? '', way);
  if (signIn.status !== 'Success') {
    const isSecret = ['Invalid Password', 'Password Lockout'].includes(signIn.status);
    const problem = isSecret
      ? 'Username or password is wrong. After several wrong tries you are locked out for a while.'
      : `You cannot log in: ${signIn.status}.`;
    return loginPage(app, request.redirectUri, id, username, problem);
  }
  const { member } = signIn;
  if (!isPermitted(app, member)) {
    authorizations.end(id);
    return redirectTo(request.redirectUri, request.state, {
      error: 'OAUTH_APP_ACCESS_DENIED',
      error_description: oauthErrors.notAdminApproved().message,
    });
  }
  if (hasApproved(org, app, member) && !request.mustConsent) return giveCode(call, id, pending, member.id);
  authorizations.signedIn(id, member.id);
  return approvePage(app, request.redirectUri, id, request.scopes, member.user.username);
}

function decide(
  call: Call,
  id: string,
  pending: PendingAuthorization,
  userId: string,
  decision: string,
): Answer {
  const { org, authorizations } = call.emulator;
  const { request } = pending;
  if (decision === 'allow') {
    noteApproval(org, request.clientId, userId);
    return giveCode(call, id, pending, userId);
  }
  if (decision !== 'deny') {
    const username = findMemberById(org, userId)?.user.username ?? '';
    return approvePage(findApp(call, request.clientId), request.redirectUri, id, request.scopes, username);
  }
  authorizations.end(id);
  const { error, message } = oauthErrors.denied();
  return redirectTo(request.redirectUri, request.state, { error, error_description: message });
}

function giveCode(call: Call, id: string, pending: PendingAuthorization, userId: string): Answer {
  const { org, authorizations } = call.emulator;
  const { request } = pending;
  authorizations.end(id);
  const code = authorizations.issueCode({ request, userId }, now(org));
  return redirectTo(request.redirectUri, request.state, { code });
}

/** The login and approve pages of the web server flow. */
export const authorizeRoutes: readonly Route[] = [
  { path: '/services/oauth2/authorize', access: 'open', methods: { GET: authorize, POST: proceed } },
];
