import type { ConnectedApp } from '../definition/connected-apps.ts';
import type { OAuthScope } from '../definition/oauth-scope.ts';
import { escapeHtml, renderPage } from '../http/html.ts';
import type { Answer } from '../http/route.ts';
import type { OAuthError } from './oauth-error.ts';

/** What each scope allows, as the approve page tells it. */
const allowances: Partial<Record<OAuthScope, string>> = {
  full: 'Use everything you can use',
  api: 'Read and change your data through APIs',
  web: 'Open the org in a web browser as you',
  refresh_token: 'Do this at any time, also when you are away',
  offline_access: 'Do this at any time, also when you are away',
  openid: 'Know your identity',
  id: 'Know who you are: name, address, phone',
  profile: 'Know your name and profile',
  email: 'Know your email address',
  address: 'Know your address',
  phone: 'Know your phone number',
  chatter_api: 'Use Chatter as you',
};

/** The origin a form of the page may lead to: browsers hold redirects after a form to it as well. */
function formTarget(redirectUri: string): string {
  const { origin, protocol } = new URL(redirectUri);
  return origin === 'null' ? protocol : origin;
}

const page = (status: number, title: string, body: string, formTargets: string, cookie?: string): Answer => ({
  status,
  body: renderPage(title, [], '', `<div class="panel">${body}</div>`),
  contentType: 'text/html;charset=UTF-8',
  headers: {
    'Content-Security-Policy': `default-src 'none'; style-src 'unsafe-inline'; form-action 'self' ${formTargets}; frame-ancestors 'none'; base-uri 'none'`,
    'X-Frame-Options': 'DENY',
    ...(cookie === undefined ? {} : { 'Set-Cookie': cookie }),
  },
});

const appName = (app: ConnectedApp): string => escapeHtml(app.name ?? app.clientId);

const form = (id: string, content: string): string =>
  `<form class="stacked" method="post" action="/services/oauth2/authorize"><input type="hidden" name="authorization" value="${escapeHtml(id)}">${content}</form>`;

const field = (name: string, label: string, attributes: string): string =>
  `<label id="${name}-label" for="${name}">${label}</label><input id="${name}" name="${name}" aria-labelledby="${name}-label" required ${attributes}>`;

/** The login page of a pending authorization. `problem` says why the last try failed. */
export function loginPage(
  app: ConnectedApp,
  redirectUri: string,
  id: string,
  username: string,
  problem?: string,
  cookie?: string,
): Answer {
  const alert = problem === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(problem)}</p>`;
  const inputs =
    field(
      'username',
      'Username',
      `autocomplete="username" autocapitalize="none" value="${escapeHtml(username)}"`,
    ) + field('password', 'Password', 'type="password" autocomplete="current-password"');
  const body = `<h1>Log in</h1><p>to continue to <strong>${appName(app)}</strong></p>${alert}${form(id, `${inputs}<button class="primary">Log in</button>`)}`;
  return page(200, 'Log in', body, formTarget(redirectUri), cookie);
}

/** Asks the person whether the app may have what it wants. */
export function approvePage(
  app: ConnectedApp,
  redirectUri: string,
  id: string,
  scopes: readonly OAuthScope[],
  username: string,
): Answer {
  const items = scopes.map(
    (scope) =>
      `<li>${escapeHtml(allowances[scope] ?? 'Use a special API')} <span class="mono">${scope}</span></li>`,
  );
  const buttons =
    '<button class="primary" name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button>';
  const body = `<h1>Allow access?</h1><p><strong>${appName(app)}</strong> asks to:</p><ul>${items.join('')}</ul><p>You are logged in as <strong>${escapeHtml(username)}</strong>.</p>${form(id, buttons)}`;
  return page(200, 'Allow access', body, formTarget(redirectUri));
}

/** What is wrong with a call whose app or callback is not known, so that nothing may be sent there. */
export function authorizeErrorPage(error: OAuthError): Answer {
  const body = `<h1>Authorization error</h1><p class="problem" role="alert"><span class="mono">error=${escapeHtml(error.error)}</span><br>${escapeHtml(error.message)}</p><p>The application that sent you here must correct this.</p>`;
  return page(error.status, 'Authorization error', body, '');
}
