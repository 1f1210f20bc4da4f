import type { OrgState } from '../org/org-state.ts';

/**
 * The objects and fields for which the profiles have got their permissions, so that what an administrator takes
 * away later stays away. Fields created through the API are known and granted to nobody.
 */
export interface KnownAccess {
  readonly isKnown: (name: string) => boolean;
  /** Whether a profile made now gets permissions for it. */
  readonly isOpen: (name: string) => boolean;
  readonly add: (name: string, isOpen: boolean) => void;
  readonly remove: (name: string) => void;
}

export const knownAccessTable =
  'create table if not exists _access_known (name text primary key, open integer not null) without rowid';

/** Names are `Object` or `Object.Field`. */
export function knownAccess(org: OrgState): KnownAccess {
  const rows = org.database.prepare('select name, open from _access_known').all();
  const known = new Map(rows.map((row) => [String(row.name), row.open === 1]));
  return {
    isKnown: (name) => known.has(name),
    isOpen: (name) => known.get(name) !== false,
    add: (name, isOpen) => {
      known.set(name, isOpen);
      org.database
        .prepare('insert or replace into _access_known (name, open) values (?, ?)')
        .run(name, isOpen ? 1 : 0);
    },
    remove: (name) => {
      known.delete(name);
      org.database.prepare('delete from _access_known where name = ?').run(name);
    },
  };
}
