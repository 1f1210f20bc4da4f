import { expect, test } from 'vitest';
import type { ConnectedApp } from '../definition/connected-apps.ts';
import { sampleApps } from '../definition/connected-apps.ts';
import type { OAuthScope } from '../definition/oauth-scope.ts';
import { covers, mayReadIdentity, mayUseResource, resolveScopes, restAccessOf } from './scopes.ts';

const appWith = (...scopes: OAuthScope[]): ConnectedApp => {
  const [app] = sampleApps;
  if (app === undefined) throw new Error('There is no sample app.');
  return { ...app, scopes };
};

test('without a wish the app’s own scopes are granted', () => {
  expect(resolveScopes(appWith('api', 'web'), null)).toEqual(['api', 'web']);
  expect(resolveScopes(appWith('api', 'web'), ' ')).toEqual(['api', 'web']);
});

test.each([
  [['api', 'refresh_token'], 'refresh_token api api'],
  [['full'], 'api web openid id'],
  [['id'], 'profile email address phone'],
  [['api'], 'chatter_api id'],
  [['web'], 'visualforce'],
  [['refresh_token'], 'offline_access'],
] as const)('an app with %j may be asked for %s', (scopes, wish) => {
  expect(resolveScopes(appWith(...scopes), wish)).toEqual([...new Set(wish.split(' '))]);
});

test.each([
  [['full'], 'refresh_token'],
  [['api'], 'web'],
  [['api'], 'full'],
  [['chatter_api'], 'api'],
  [['full'], 'constructor'],
  [['full'], 'API'],
] as const)('an app with %j may not be asked for %s', (scopes, wish) => {
  expect(() => resolveScopes(appWith(...scopes), wish)).toThrow('scope is invalid');
});

test('a refresh token needs its scope, also beside full', () => {
  expect(covers(['full'], 'refresh_token')).toBe(false);
  expect(covers(['offline_access'], 'refresh_token')).toBe(true);
});

test.each([
  [['api'], 'all'],
  [['full'], 'all'],
  [['chatter_api', 'openid'], 'connect'],
  [['openid', 'web', 'refresh_token'], 'none'],
  [[], 'none'],
] as const)('a token with %j may use of the REST API: %s', (scopes, access) => {
  expect(restAccessOf(scopes)).toBe(access);
});

test.each([
  ['connect', '/services/data/v67.0/connect/organization', true],
  ['connect', '/services/data//v67.0/chatter/users/me/', true],
  ['connect', '/services/data/v67.0/sobjects/Connect', false],
  ['connect', '/services/data/v67.0', false],
  ['none', '/services/data/v67.0/connect', false],
  ['all', '/services/data/v67.0/limits', true],
] as const)('access %s to %s: %s', (access, path, expected) => {
  expect(mayUseResource(access, path)).toBe(expected);
});

test('who may ask who the user is', () => {
  expect(mayReadIdentity(['email'])).toBe(true);
  expect(mayReadIdentity(['api'])).toBe(true);
  expect(mayReadIdentity(['refresh_token', 'chatter_api'])).toBe(false);
});
