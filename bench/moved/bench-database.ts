import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../packages/server/src/store/database.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/store/embedded/start-embedded-postgres.ts';
import { migrate } from '../../packages/server/src/store/migrate.ts';

/** The server's own PostgreSQL with its tables and nothing in them. @param stack ends it and deletes its data. */
export async function openBenchDatabase(stack: AsyncDisposableStack, maxConnections: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'headrace-bench-'));
  stack.defer(async () => {
    const location = await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(() => undefined);
    if (location !== undefined) await rm(location.trim(), { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
  });
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  stack.defer(() => postgres.stop());
  const config = { connectionString: postgres.connectionString };
  const pool = openDatabase({ config, maxConnections, onIdleError: () => undefined });
  stack.defer(() => pool.end());
  await migrate(pool);
  return { pool, config };
}
