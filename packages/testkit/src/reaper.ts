// Clears up after a test run, however it ends: waits until the runner closes its end of the pipe, which a killed one
// does as well, then ends what still runs, stops its servers, and deletes its folder.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDirPrefix, killRegistered, removeDataDir } from './run-folder.ts';
import { databasePrefixVariable, dropDatabases } from './test-server.ts';

const [folder] = process.argv.slice(2);
const { DATABASE_URL: url, [databasePrefixVariable]: prefix } = process.env;
if (folder === undefined) throw new Error('usage: reaper.ts FOLDER');

for await (const _ of process.stdin);
await killRegistered(folder);
for (const name of await readdir(folder)) {
  if (name.startsWith(dataDirPrefix)) await removeDataDir(join(folder, name));
}
if (url !== undefined && url !== '' && prefix !== undefined) await dropDatabases(url, prefix);
await rm(folder, { recursive: true, force: true, maxRetries: 5 });
