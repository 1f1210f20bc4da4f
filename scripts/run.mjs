// The first code to run in a fresh clone, on whatever Node the machine has: plain JavaScript for Node 20.
// It installs what package-lock.json says, moves to the pinned Node, and starts the command asked for.
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureInstalled, InstallFailure } from './install.mjs';
import { fail, isNodeNewEnough, pinnedNodePackage, runOnPinnedNode } from './pinned-node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');

/** Command → the script that does it, and the arguments put before those given. */
const commands = {
  start: ['packages/cli/src/main.ts', 'start'],
  headrace: ['packages/cli/src/main.ts'],
  test: ['node_modules/vitest/vitest.mjs', 'run'],
  'test:pg15': ['scripts/test-pg15.ts'],
  'test:pack': ['scripts/test-pack.ts'],
  'test:long': ['scripts/test-long.ts'],
  'test:mutants': ['scripts/mutants/run.ts'],
  check: ['scripts/check.ts'],
  bench: ['bench/main.ts'],
  lock: ['scripts/lock.ts'],
  pack: ['scripts/pack.ts'],
};

const main = async () => {
  const [name, ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (command === undefined)
    fail(`usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [arguments]`);
  await ensureInstalled(root);
  if (!isNodeNewEnough()) {
    return runOnPinnedNode(join(modules, pinnedNodePackage), fileURLToPath(import.meta.url), [name, ...args]);
  }
  const [script, ...before] = command;
  // npm says where the user stands; without npm it is here.
  process.env.INIT_CWD ??= process.cwd();
  process.chdir(root);
  process.env.PATH = [join(modules, '.bin'), process.env.PATH].join(delimiter);
  process.argv = [process.execPath, join(root, script), ...before, ...args];
  await import(pathToFileURL(join(root, script)).href);
};

main().catch((error) => {
  if (error instanceof InstallFailure) fail(error.message);
  throw error;
});
