import type { Database } from '../store/database.ts';

/** What a restore leaves as it is: calls made, the allowance used, who is signed in, numbers and prefixes given. */
const keptTables = new Set([
  '_call',
  '_api_calls',
  '_access_token',
  '_refresh_token',
  '_app_approval',
  '_signing_key',
  '_number_floor',
  '_custom_object',
  '_org_life',
]);

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Tables of the attached database `schema` that a restore is about, with the statements that made them. */
function tablesOf(database: Database, schema: string): ReadonlyMap<string, string> {
  const rows = database
    .prepare(
      `select name, sql from ${schema}.sqlite_master where type = 'table' and name not like 'sqlite_%'`,
    )
    .all();
  const tables = rows.map((row) => [String(row.name), String(row.sql)] as const);
  return new Map(tables.filter(([name]) => !keptTables.has(name)));
}

function columnsOf(database: Database, schema: string, table: string): readonly string[] {
  const rows = database.prepare('select name from pragma_table_info(?, ?)').all(table, schema);
  return rows.map((row) => String(row.name));
}

/**
 * Replaces the rows of one table by those of the snapshot; columns only one of them has keep their default.
 * Runs in the caller's transaction.
 */
export function restoreTable(database: Database, table: string): void {
  const known = new Set(columnsOf(database, 'main', table));
  const columns = columnsOf(database, 'snapshot', table).filter((column) => known.has(column));
  database.exec(`delete from main.${quoted(table)}`);
  if (columns.length === 0) return;
  const list = columns.map(quoted).join(', ');
  database.exec(`insert into main.${quoted(table)} (${list}) select ${list} from snapshot.${quoted(table)}`);
}

/** Replaces the rows of every table; what came after the snapshot is empty. Runs in the caller's transaction. */
export function restoreTables(database: Database): void {
  const present = tablesOf(database, 'main');
  const wanted = tablesOf(database, 'snapshot');
  for (const [table, sql] of wanted) {
    if (!present.has(table)) database.exec(sql);
    restoreTable(database, table);
  }
  for (const table of present.keys())
    if (!wanted.has(table)) database.exec(`delete from main.${quoted(table)}`);
}
