// Installs dependencies when they are missing or not those of package-lock.json. Plain JavaScript for Node 20.
import { spawn } from 'node:child_process';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Says in one message why the dependencies could not be installed. */
export class InstallFailure extends Error {}

const lockName = '.install.lock';
const staleAfterMs = 15 * 60_000;

/**
 * Runs `npm ci` unless node_modules holds what package-lock.json says. Of two processes that find it missing,
 * one installs and the other waits.
 */
export const ensureInstalled = async (root) => {
  if (await isInstalled(root)) return;
  const release = await takeInstallLock(join(root, lockName));
  try {
    if (await isInstalled(root)) return;
    process.stderr.write('headrace: installing dependencies (npm ci), once …\n');
    await runNpmCi(root);
  } finally {
    await release();
  }
};

/**
 * Whether every package of package-lock.json is there in its version. npm writes node_modules/.package-lock.json
 * last, so an interrupted install does not count. Optional packages may be absent: they are for other platforms.
 */
export const isInstalled = async (root) => {
  const wanted = await readPackages(join(root, 'package-lock.json'));
  const found = await readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || found === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || !path.includes('node_modules/')) return true;
    const installed = found[path];
    if (installed === undefined) return entry.optional === true;
    return installed.version === entry.version;
  });
};

const readPackages = async (path) => {
  try {
    return JSON.parse(await readFile(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
};

const takeInstallLock = async (path) => {
  let hasTold = false;
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') {
        throw new InstallFailure(
          `cannot install dependencies: ${path} cannot be written (${error.code}). ` +
            'Run this as the user who owns the folder.',
        );
      }
    }
    if (await isStale(path)) await rm(path, { force: true });
    else if (!hasTold)
      process.stderr.write('headrace: waiting for another command to install dependencies …\n');
    hasTold = true;
    await delay(250);
  }
};

const isStale = async (path) => {
  try {
    const pid = Number(await readFile(path, 'utf8'));
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > staleAfterMs) return true;
    // Empty for a moment: its writer is between creating and writing it.
    return pid > 0 && !isRunning(pid);
  } catch {
    return false;
  }
};

const isRunning = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

// The npm that started us where there is one, on its own Node: the one in node_modules is about to be replaced.
const runNpmCi = (root) =>
  new Promise((resolve, reject) => {
    const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error'];
    const { npm_execpath: npm, npm_node_execpath: node } = process.env;
    const child = npm?.endsWith('.js')
      ? spawn(node ?? process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
      : spawn('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
    child.once('error', (error) =>
      reject(new InstallFailure(`cannot run npm (${error.message}). Install npm, or run npm ci yourself.`)),
    );
    child.once('exit', (code, signal) => {
      if (code === 0) return resolve();
      reject(
        new InstallFailure(
          `npm ci failed (${signal ?? `exit code ${code}`}), for the reason given above. ` +
            'Correct it (network, disk space, rights on node_modules) and run the command again.',
        ),
      );
    });
  });
