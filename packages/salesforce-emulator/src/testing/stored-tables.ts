import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Tables that grow with every call or sign-in, whatever it changes. */
const perCall = /^(?:sqlite_|_access_token|_refresh_token|_signing_key|_api_call|_call|LoginHistory)/;

/** Everything a closed org left in its folder, row by row, except what every call adds to. */
export function readStoredTables(dataDir: string): Readonly<Record<string, readonly unknown[]>> {
  const database = new DatabaseSync(join(dataDir, 'org.sqlite'), { readOnly: true });
  try {
    const names = database
      .prepare("select name from sqlite_master where type = 'table' order by name")
      .all()
      .map((row) => String(row.name))
      .filter((name) => !perCall.test(name));
    return Object.fromEntries(
      names.map((name) => [name, database.prepare(`select * from "${name}" order by rowid`).all()]),
    );
  } finally {
    database.close();
  }
}
