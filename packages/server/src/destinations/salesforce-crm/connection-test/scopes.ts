import type { ConnectionFinding } from '@headrace/core';
import { misconfigured } from '../sign-in/sign-in-way.ts';
import { findingsOn } from './finding.ts';

const find = findingsOn('scopes');

/** The ten scopes that the destination's page asks for, in its order, as Salesforce shows them. */
const seedScopes = [
  ['chatter_api', 'Access Connect REST API resources'],
  ['lightning', 'Access Lightning applications'],
  ['visualforce', 'Access Visualforce applications'],
  ['content', 'Access content resources'],
  ['openid', 'Access unique user identifiers'],
  ['full', 'Full access'],
  ['api', 'Manage user data via APIs'],
  ['web', 'Manage user data via Web browsers'],
  ['refresh_token', 'Perform requests at any time'],
  ['offline_access', 'Perform requests at any time'],
] as const;

const isGranted = (granted: readonly string[], scope: string): boolean => {
  // One scope under two names: OAuth's and OpenID Connect's.
  if (scope === 'refresh_token' || scope === 'offline_access')
    return granted.includes('refresh_token') || granted.includes('offline_access');
  return granted.includes(scope);
};

/**
 * What the session may do, against the ten scopes of the destination's page and what is really needed: `api`, or
 * `full`, which holds it. Source: Salesforce Help, "OAuth Tokens and Scopes".
 * @param granted null where Salesforce does not tell
 * @param hasRefreshToken whether it was opened with a refresh token
 */
export function judgeScopes(
  granted: readonly string[] | null,
  hasRefreshToken: boolean,
): readonly ConnectionFinding[] {
  if (granted === null)
    return [
      find(
        'note',
        'scopes',
        'Salesforce does not tell which scopes the app has; the API can be used, so they include api.',
      ),
    ];
  return seedScopes.map(([scope, title]) => {
    const isNeeded =
      scope === 'api' || (hasRefreshToken && (scope === 'refresh_token' || scope === 'offline_access'));
    if (isGranted(granted, scope))
      return isNeeded
        ? find('ok', scope, `The scope ${scope} (${title}) is granted and needed.`)
        : find('note', scope, `The scope ${scope} (${title}) is granted and not used by Headrace.`);
    if (scope === 'api') return find('ok', scope, 'The scope api is held by full.');
    return find('ok', scope, `The scope ${scope} (${title}) is not granted and not needed.`);
  });
}

/** @throws HeadraceError `destination_misconfigured` when nothing of the API could be called. */
export function requireApiScope(granted: readonly string[] | null): void {
  if (granted === null || granted.includes('api') || granted.includes('full')) return;
  throw misconfigured(
    `The app may not use the API: its scopes are ${granted.join(', ') || 'none'}. Give it the scope "Manage user data via APIs (api)" (OAuth settings of the app), then sign in again.`,
  );
}
