// Updates package-lock.json from the package.json files, whole for every platform: `npm run lock`.
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { findMissingEntries } from './lock-file.ts';

const path = 'package-lock.json';
const npm = ['install', '--package-lock-only', '--ignore-scripts', '--omit-lockfile-registry-resolved'];
const { status } = spawnSync('npm', npm, { stdio: 'inherit', shell: process.platform === 'win32' });
if (status === 0) {
  const lock = JSON.parse(await readFile(path, 'utf8'));
  const missing = findMissingEntries(lock.packages);
  const entries = Object.entries({ ...lock.packages, ...missing });
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  await writeFile(
    path,
    `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, undefined, 2)}\n`,
  );
  console.log(`Added ${Object.keys(missing).length} packages of other platforms.`);
} else {
  process.exitCode = 1;
}
