// The first code to run in a fresh clone, on whatever Node the machine has: plain JavaScript for Node 20.
// It installs what package-lock.json says, moves to the pinned Node, and starts the command asked for.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureInstalled, InstallFailure } from './install.mjs';

const requiredMajor = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');

/** Command → the script that does it, and the arguments put before those given. */
const commands = {
  start: ['packages/cli/src/main.ts', 'start'],
  test: ['node_modules/vitest/vitest.mjs', 'run'],
  'test:pg15': ['scripts/test-pg15.ts'],
  check: ['scripts/check.ts'],
  bench: ['bench/main.ts'],
  pack: ['scripts/pack.ts'],
};

const fail = (message) => {
  process.stderr.write(`headrace: ${message}\n`);
  process.exit(1);
};

const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const pinnedNode = join(
  modules,
  `node-${platform}`,
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** Runs this script again on the pinned Node, and ends as that process ends. */
const moveToPinnedNode = () => {
  const child = spawn(pinnedNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    let isForwarded = false;
    // Stays installed, so that a second signal does not end this process before the other one has tidied up.
    process.on(signal, () => {
      if (!isForwarded) child.kill(signal);
      isForwarded = true;
    });
  }
  child.once('error', () =>
    fail(
      `this needs Node ${requiredMajor} or newer, and the machine has ${process.version}. ` +
        `npm has no Node ${requiredMajor} for ${platform} that runs here: install one from https://nodejs.org.`,
    ),
  );
  child.once('exit', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
};

const main = async () => {
  const [name, ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (command === undefined)
    fail(`usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [arguments]`);
  await ensureInstalled(root);
  if (Number(process.versions.node.split('.')[0]) < requiredMajor) return moveToPinnedNode();
  const [script, ...before] = command;
  process.chdir(root);
  process.env.PATH = [join(modules, '.bin'), process.env.PATH].join(delimiter);
  process.argv = [process.execPath, join(root, script), ...before, ...args];
  await import(pathToFileURL(join(root, script)).href);
};

main().catch((error) => {
  if (error instanceof InstallFailure) fail(error.message);
  throw error;
});
