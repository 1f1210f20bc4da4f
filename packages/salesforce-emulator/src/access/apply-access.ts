import type { FieldPermission, ObjectPermission } from '../definition/access.ts';
import { isNews } from '../org/applied-definition.ts';
import type { OrgState } from '../org/org-state.ts';
import { recordNumberOf } from '../org/record-id.ts';
import { userIdOf } from '../org/users.ts';
import { findObject } from '../schema/catalog.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { knownAccess, knownAccessTable } from './known-access.ts';
import { addFieldPermission, setFieldPermission, setObjectPermission } from './permission-rows.ts';
import {
  ensureAssignment,
  ensurePermissionSet,
  ensureProfile,
  type KnownSet,
  setUserPermissions,
  standardProfiles,
} from './permission-sets.ts';
import { isEditable, isSecuredObject, securedFields } from './permissionable.ts';

const fullAccess = { create: true, read: true, edit: true, delete: true };

/**
 * Brings profiles, permission sets and what they permit up to the definition. Each profile gets every object and
 * field that is new to the org, except fields made through the API. Whenever the entries of the definition are not
 * those applied last, they say what is different, and win over what was changed since; permissions that no entry
 * is about stay as they are. Throws an Error when an entry names what is not there. Runs in the caller's
 * transaction.
 */
export function applyAccess(org: OrgState): void {
  const { definition } = org;
  org.database.exec(knownAccessTable);
  const custom = new Set(definition.profiles.map((profile) => profile.name));
  const wantedProfiles = [
    ...standardProfiles.filter(({ name }) => !custom.has(name)),
    ...definition.profiles,
  ];
  const profiles = new Map(wantedProfiles.map((profile) => [profile.name, ensureProfile(org, profile)]));
  const sets = new Map(profiles);
  for (const set of definition.permissionSets) sets.set(set.name, ensurePermissionSet(org, set));
  grantNews(org, [...profiles]);
  const users = definition.users.map(({ username, profile, permissionSets }) => [
    username,
    profile,
    permissionSets,
  ]);
  const entries = [definition.profiles, definition.permissionSets, definition.fieldSecurity, users];
  if (isNews(org, 'access', entries)) applyEntries(org, profiles, sets);
}

function applyEntries(
  org: OrgState,
  profiles: ReadonlyMap<string, KnownSet>,
  sets: ReadonlyMap<string, KnownSet>,
): void {
  const { definition } = org;
  for (const { name, objectPermissions, fieldPermissions, userPermissions } of [
    ...definition.profiles,
    ...definition.permissionSets,
  ]) {
    const id = sets.get(name)?.id ?? '';
    setUserPermissions(org, id, userPermissions);
    for (const entry of objectPermissions) setObjectPermission(org, id, checkedObject(org, name, entry));
    for (const entry of fieldPermissions) applyFieldPermission(org, name, id, entry);
  }
  applyFieldSecurity(org, sets);
  applyUsers(org, profiles, sets);
}

/** Every profile gets what is new; a new profile gets everything that is not held back. */
function grantNews(org: OrgState, profiles: readonly (readonly [string, KnownSet])[]): void {
  const known = knownAccess(org);
  const grant = (name: string, give: (setId: string, isAdministrator: boolean) => void): void => {
    const isUnknown = !known.isKnown(name);
    if (isUnknown) known.add(name, true);
    for (const [profile, { id, isNew }] of profiles)
      if (isUnknown || (isNew && known.isOpen(name))) give(id, profile === 'System Administrator');
  };
  for (const object of org.catalog.values()) {
    if (isSecuredObject(object))
      grant(object.name, (id, isAdministrator) =>
        setObjectPermission(org, id, {
          object: object.name,
          ...fullAccess,
          viewAll: isAdministrator,
          modifyAll: isAdministrator,
        }),
      );
    for (const field of securedFields(object))
      grant(field, (id) => addFieldPermission(org, id, field, isEditableField(object, field)));
  }
}

const isEditableField = (object: ObjectType, name: string): boolean => {
  const field = findField(object, name.slice(object.name.length + 1));
  return field !== undefined && isEditable(field);
};

function checkedObject(org: OrgState, where: string, entry: ObjectPermission): ObjectPermission {
  const object = findObject(org.catalog, entry.object);
  if (object === undefined || !isSecuredObject(object))
    throw new Error(`Org definition: ${where}: there are no permissions for an object ${entry.object}.`);
  return { ...entry, object: object.name };
}

/** The name of a field as FieldPermissions spells it. */
function checkedField(org: OrgState, where: string, field: string): string {
  const object = findObject(org.catalog, field.split('.')[0] ?? '');
  const found =
    object === undefined
      ? undefined
      : securedFields(object).find((name) => name.toLowerCase() === field.toLowerCase());
  if (found === undefined)
    throw new Error(`Org definition: ${where}: there is no field-level security for ${field}.`);
  return found;
}

function applyFieldPermission(org: OrgState, where: string, setId: string, entry: FieldPermission): void {
  const edit = entry.editable ?? false;
  const read = edit || (entry.readable ?? false);
  setFieldPermission(org, setId, checkedField(org, where, entry.field), { read, edit });
}

function applyFieldSecurity(org: OrgState, sets: ReadonlyMap<string, KnownSet>): void {
  for (const { object, field, read, edit } of org.definition.fieldSecurity) {
    const where = `fieldSecurity of ${object}.${field}`;
    const name = checkedField(org, where, `${object}.${field}`);
    for (const wanted of [...read, ...edit]) setNamed(sets, where, wanted);
    for (const [set, { id }] of sets) {
      const mayEdit = edit.includes(set);
      setFieldPermission(org, id, name, { read: mayEdit || read.includes(set), edit: mayEdit });
    }
  }
}

function setNamed(sets: ReadonlyMap<string, KnownSet>, where: string, name: string): KnownSet {
  const set = sets.get(name);
  if (set === undefined) {
    const names = [...sets.keys()].join(', ');
    throw new Error(`Org definition: ${where}: there is no profile or permission set "${name}" (${names}).`);
  }
  return set;
}

function applyUsers(
  org: OrgState,
  profiles: ReadonlyMap<string, KnownSet>,
  sets: ReadonlyMap<string, KnownSet>,
): void {
  for (const user of org.definition.users) {
    const userId = userIdOf(org, user.username);
    if (userId === undefined) continue;
    const { id } = setNamed(profiles, `user ${user.username}`, user.profile);
    org.database
      .prepare(
        `update "User" set ProfileId = (select ProfileId from PermissionSet where rid = record_number(?, '0PS')) where rid = ?`,
      )
      .run(id, recordNumberOf(userId) ?? 0);
    ensureAssignment(org, id, userId);
    for (const name of user.permissionSets)
      ensureAssignment(org, setNamed(sets, `user ${user.username}`, name).id, userId);
  }
}
