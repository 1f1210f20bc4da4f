import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Tables that grow with every call or sign-in whatever it changes, or hold something drawn by chance. */
const perCall =
  /^(?:sqlite_|_access_version|_access_token|_refresh_token|_signing_key|_api_call|_call|LoginHistory)/;

/** Everything a closed org left in its folder, row by row in no order of its own, except what every call adds to. */
export function readStoredTables(dataDir: string): Readonly<Record<string, readonly unknown[]>> {
  const database = new DatabaseSync(join(dataDir, 'org.sqlite'), { readOnly: true });
  try {
    const names = database
      .prepare("select name from sqlite_master where type = 'table' order by name")
      .all()
      .map((row) => String(row.name))
      .filter((name) => !perCall.test(name));
    const textOf = (row: unknown): string =>
      JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
    return Object.fromEntries(
      names.map((name) => {
        const statement = database.prepare(`select * from "${name}"`);
        statement.setReadBigInts(true);
        const rows = statement.all();
        return [name, rows.sort((left, right) => (textOf(left) < textOf(right) ? -1 : 1))];
      }),
    );
  } finally {
    database.close();
  }
}
