import type { ConnectedApp } from '../definition/connected-apps.ts';
import { type OAuthScope, oauthScopes } from '../definition/oauth-scope.ts';
import { segmentsOf } from '../http/route.ts';
import { oauthErrors } from './oauth-error.ts';

/** Scopes that hold others. `full` holds everything but a refresh token. */
const heldBy: Partial<Record<OAuthScope, readonly OAuthScope[]>> = {
  profile: ['id'],
  email: ['id'],
  address: ['id'],
  phone: ['id'],
  chatter_api: ['api'],
  visualforce: ['web'],
};

/** Any of these lets a token ask who its user is. */
const identityScopes: readonly OAuthScope[] = [
  'id',
  'openid',
  'profile',
  'email',
  'address',
  'phone',
  'api',
  'web',
  'full',
];

const isScope = (name: string): name is OAuthScope => oauthScopes.some((scope) => scope === name);

/** `offline_access` is OpenID Connect's name for `refresh_token`. */
const canonical = (scope: OAuthScope): OAuthScope => (scope === 'offline_access' ? 'refresh_token' : scope);

/** Whether scopes are enough for what this one allows. */
export function covers(granted: readonly OAuthScope[], scope: OAuthScope): boolean {
  const wanted = canonical(scope);
  if (granted.some((candidate) => canonical(candidate) === wanted)) return true;
  if (wanted === 'refresh_token') return false;
  return granted.includes('full') || (heldBy[wanted] ?? []).some((holder) => granted.includes(holder));
}

/**
 * The scopes a client gets: those it asked for, separated by spaces, or all of its app. Everybody may have `id`.
 * Throws `invalid_scope` for one that is unknown or beyond the app's.
 */
export function resolveScopes(app: ConnectedApp, requested: string | null): readonly OAuthScope[] {
  const names = [...new Set((requested ?? '').split(/[ +]+/).filter((name) => name !== ''))];
  if (names.length === 0) return app.scopes;
  return names.map((name) => {
    if (!isScope(name) || (name !== 'id' && !covers(app.scopes, name))) throw oauthErrors.scope();
    return name;
  });
}

/** What of the REST API a token may use: Connect REST alone with `chatter_api`, nothing with `openid`. */
export type RestAccess = 'all' | 'connect' | 'none';

/** What of the REST API these scopes open. */
export const restAccessOf = (scopes: readonly OAuthScope[]): RestAccess =>
  covers(scopes, 'api') ? 'all' : covers(scopes, 'chatter_api') ? 'connect' : 'none';

/** Whether a token may call this path of the REST API. */
export function mayUseResource(access: RestAccess, path: string): boolean {
  if (access !== 'connect') return access === 'all';
  const resource = segmentsOf(path)[3];
  return resource === 'connect' || resource === 'chatter';
}

/** Whether a token may ask who its user is: with any scope but those of refresh and Connect alone. */
export const mayReadIdentity = (scopes: readonly OAuthScope[]): boolean =>
  scopes.some((scope) => identityScopes.includes(scope));

/** Scopes as they are stored and sent: one text, separated by spaces. */
export const scopeText = (scopes: readonly OAuthScope[]): string => scopes.join(' ');

/** The scopes of a stored text. */
export const parseScopeText = (text: string): readonly OAuthScope[] => text.split(' ').filter(isScope);
