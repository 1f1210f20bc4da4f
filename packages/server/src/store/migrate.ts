import { readdir, readFile } from 'node:fs/promises';
import { HeadraceError } from '@headrace/core';
import type pg from 'pg';
import { maybeRow, rows, transaction } from './database.ts';

const lockKey = 0x48_45_41_44; // "HEAD"
const migrationName = /^(\d{4})_[a-z0-9_]+\.sql$/;
const oldestServer = 150_000;

/** Where the numbered files lie: beside `src` here, beside `dist` when packed. */
export const migrationsFolder = new URL(
  import.meta.url.endsWith('.ts') ? '../../migrations/' : '../migrations/',
  import.meta.url,
);

/**
 * Brings the database to the newest schema: every numbered file not yet applied, each in one transaction,
 * under an advisory lock, so that processes starting together do it once.
 * @returns the names applied now.
 * @throws HeadraceError `conflict` when the database is newer than this program or the server older than PostgreSQL 15.
 */
export async function migrate(pool: pg.Pool, folder: URL = migrationsFolder): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => migrationName.test(name)).sort();
  const server = await maybeRow<{ version: number }>(
    pool,
    `select current_setting('server_version_num')::int as version`,
  );
  if ((server?.version ?? 0) < oldestServer)
    throw new HeadraceError(
      'conflict',
      `The database server is PostgreSQL ${Math.floor((server?.version ?? 0) / 10_000)}; Headrace needs 15 or newer.`,
    );
  const applied: string[] = [];
  for (const file of files) {
    const sql = await readFile(new URL(file, folder), 'utf8');
    const isNew = await transaction(pool, async (trx) => {
      await trx.query('select pg_advisory_xact_lock($1)', [lockKey]);
      await trx.query(
        'create table if not exists schema_migration (name text primary key, applied_at timestamptz not null default now())',
      );
      const known = await rows<{ name: string }>(trx, 'select name from schema_migration');
      const newer = known.find((row) => !files.includes(row.name));
      if (newer !== undefined)
        throw new HeadraceError(
          'conflict',
          `The database holds migration ${newer.name}, which this version of Headrace does not know. Start the version that made it, or a newer one.`,
        );
      if (known.some((row) => row.name === file)) return false;
      await trx.query(sql);
      await trx.query('insert into schema_migration (name) values ($1)', [file]);
      return true;
    });
    if (isNew) applied.push(file);
  }
  return applied;
}
