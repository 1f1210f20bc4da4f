import type { OrgState } from '../org/org-state.ts';

const watched = ['PermissionSet', 'PermissionSetAssignment', 'FieldPermissions', 'ObjectPermissions'];
const renew = 'update _access_version set version = random() where id = 1';

const triggers = watched.flatMap((table) =>
  ['insert', 'update', 'delete'].map(
    (event) =>
      `create trigger if not exists "${table}.${event}" after ${event} on "${table}" begin ${renew}; end;`,
  ),
);

/**
 * Makes the database itself say when permissions changed: whoever writes a permission record, by whatever way,
 * renews a random version, and a transaction that is undone takes its version with it. Call it once the
 * permission tables are there.
 */
export function watchAccess(org: OrgState): void {
  org.database.exec(`
    create table if not exists _access_version (id integer primary key check (id = 1), version integer not null);
    insert or ignore into _access_version (id, version) values (1, random());
    ${triggers.join('\n')}
    create trigger if not exists "User.ProfileId" after update of ProfileId on "User"
      when old.ProfileId is not new.ProfileId begin ${renew}; end;
  `);
}

/** Equal as long as no permission record changed; never used twice. */
export const accessVersion = (org: OrgState): string =>
  String(org.database.prepare('select cast(version as text) as version from _access_version').get()?.version);
