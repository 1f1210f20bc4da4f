import { base62 } from '../org/record-id.ts';
import type { Database } from '../store/database.ts';

export const customObjectTables = `
  create table if not exists _custom_object (number integer primary key, name text not null unique collate nocase);
`;

/** How ids of a custom object begin: `a00`, `a01`, … in the order the org first knew them, and so ever after. */
export function keyPrefixOf(database: Database, name: string): string {
  database.prepare('insert or ignore into _custom_object (name) values (?)').run(name);
  const row = database.prepare('select number from _custom_object where name = ?').get(name);
  const number = Number(row?.number ?? 1) - 1;
  return `a${base62.charAt(Math.floor(number / 62) % 62)}${base62.charAt(number % 62)}`;
}
