import type { OrgState } from '../org/org-state.ts';
import type { Catalog } from '../schema/catalog.ts';
import type { UserPermission } from '../schema/user-permission.ts';
import { accessVersion } from './access-version.ts';
import { permissionSetsOf, readGrants } from './grants.ts';
import { visibleCatalog } from './visible-object.ts';

/** What a user may see and do. */
export interface UserAccess {
  /**
   * The org's objects as the user may see and change them: fields hidden by field-level security are not there,
   * those that may only be read are neither createable nor updateable, objects that may not be read are gone.
   */
  readonly catalog: Catalog;
  readonly permissions: ReadonlySet<UserPermission>;
}

interface CachedAccess {
  readonly version: string;
  readonly catalog: Catalog;
  readonly byUser: Map<string, UserAccess>;
  /** Users with the same permission sets share one view, and with it the statements made for it. */
  readonly bySets: Map<string, UserAccess>;
}

const cache = new WeakMap<OrgState, CachedAccess>();

/** What a user may see and do now. Kept until a permission record or the org's objects change. */
export function accessOf(org: OrgState, userId: string): UserAccess {
  const version = accessVersion(org);
  let access = cache.get(org);
  if (access?.version !== version || access.catalog !== org.catalog) {
    access = { version, catalog: org.catalog, byUser: new Map(), bySets: new Map() };
    cache.set(org, access);
  }
  let found = access.byUser.get(userId);
  if (found === undefined) {
    found = findAccess(org, access, userId);
    access.byUser.set(userId, found);
  }
  return found;
}

function findAccess(org: OrgState, access: CachedAccess, userId: string): UserAccess {
  const sets = permissionSetsOf(org, userId);
  const key = sets.join();
  const shared = access.bySets.get(key);
  if (shared !== undefined) return shared;
  const grants = readGrants(org, sets);
  const made = { catalog: visibleCatalog(org.catalog, grants), permissions: grants.users };
  access.bySets.set(key, made);
  return made;
}

/** {@link UserAccess.catalog} of a user. */
export const catalogOf = (org: OrgState, userId: string): Catalog => accessOf(org, userId).catalog;

/** Whether a user's profile or permission sets give a user permission, such as BulkApiHardDelete. */
export const hasUserPermission = (org: OrgState, userId: string, permission: UserPermission): boolean =>
  accessOf(org, userId).permissions.has(permission);
