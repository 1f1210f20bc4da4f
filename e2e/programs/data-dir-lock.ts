// A program that takes the data folder given, or says why not, and keeps it until it is ended.
import { lockDataDir } from '../../packages/server/src/store/embedded/lock-data-dir.ts';

const [dataDir = ''] = process.argv.slice(2);
try {
  const lock = await lockDataDir(dataDir);
  await lock.setUrl('http://127.0.0.1:4711');
  setInterval(() => undefined, 60_000);
  console.log('locked');
} catch (error) {
  console.log(`refused ${error instanceof Error ? error.message : error}`);
}
