import { HeadraceError, missingPermissions, type Permission, type Principal } from '@headrace/core';
import type { Authenticate } from '../access/owner.ts';
import type { RouteAccess } from './route.ts';

/**
 * Gives a request its principal, who has all the permissions that its route needs.
 * @returns undefined on public routes.
 * @throws HeadraceError `authentication_required`, `permission_denied`.
 */
export function authorize(
  authenticate: Authenticate,
  access: RouteAccess,
  authorization: string | undefined,
): Principal | undefined {
  if (access === 'public') return undefined;
  const principal = authenticate(authorization);
  if (principal === undefined)
    throw new HeadraceError(
      'authentication_required',
      authorization === undefined
        ? 'The request carries no token.'
        : 'The token of the request is not valid here.',
    );
  requirePermissions(principal, access);
  return principal;
}

/** @throws HeadraceError `permission_denied`, naming those that the principal lacks. */
function requirePermissions(principal: Principal, permissions: readonly Permission[]): void {
  const missing = missingPermissions(principal, permissions);
  if (missing.length === 0) return;
  throw new HeadraceError(
    'permission_denied',
    `${principal.name} lacks ${missing.length === 1 ? 'the permission' : 'the permissions'} ${missing.join(', ')}.`,
  );
}

/**
 * Labels are put on things as they are made or changed, and by themselves: either way it needs the permission.
 * @throws HeadraceError `permission_denied`.
 */
export function requireMayLabel(principal: Principal | undefined): void {
  if (principal !== undefined) requirePermissions(principal, ['Apply Data Usage Labels']);
}
