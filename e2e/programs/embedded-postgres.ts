// A program that starts PostgreSQL on the data folder given, says so in one line, and stays until it is ended.
import { lockDataDir } from '../../packages/server/src/store/embedded/lock-data-dir.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/store/embedded/start-embedded-postgres.ts';

const [dataDir = ''] = process.argv.slice(2);
const lock = await lockDataDir(dataDir);
const server = await startEmbeddedPostgres({ dataDir, log: console.log });
process.once('SIGTERM', async () => {
  await server.stop();
  await lock.release();
  process.exit();
});
setInterval(() => undefined, 60_000);
console.log(`started ${server.pid} ${server.connectionString}`);
