import { HeadraceError, missingPermissions, type Principal } from '@headrace/core';
import type { Authenticate } from '../access/owner.ts';
import type { RouteAccess } from './route.ts';

/**
 * The one place where a request gets its principal and a permission is checked.
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
  const missing = missingPermissions(principal, access);
  if (missing.length > 0)
    throw new HeadraceError(
      'permission_denied',
      `${principal.name} lacks ${missing.length === 1 ? 'the permission' : 'the permissions'} ${missing.join(', ')}.`,
    );
  return principal;
}
