// Moves a command from whatever Node the machine has to the one that npm installed with us. Plain JavaScript for Node 20.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';

const requiredMajor = 24;
const isWindows = process.platform === 'win32';
const platform = `${isWindows ? 'win' : process.platform}-${process.arch}`;

/** Name of the npm package that holds Node for this platform; it exists for some platforms only. */
export const pinnedNodePackage = `node-${platform}`;

/** Whether the present Node is new enough to run the rest. */
export const isNodeNewEnough = () => Number(process.versions.node.split('.')[0]) >= requiredMajor;

/** Ends the process with one line that says why. */
export const fail = (message) => {
  process.stderr.write(`headrace: ${message}\n`);
  process.exit(1);
};

/**
 * Runs a script on the pinned Node, hands on each signal once, and ends as that process ends.
 *
 * @param packageFolder where the package named above is installed, undefined where it is not
 */
export const runOnPinnedNode = (packageFolder, script, args) => {
  const lacking = () =>
    fail(
      `this needs Node ${requiredMajor} or newer, and the machine has ${process.version}. ` +
        `npm has no Node ${requiredMajor} for ${platform} that runs here: install one from https://nodejs.org.`,
    );
  if (packageFolder === undefined) return lacking();
  const node = join(packageFolder, 'bin', isWindows ? 'node.exe' : 'node');
  const child = spawn(node, [script, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    let isForwarded = false;
    // Stays installed, so that a second signal does not end this process before the other one has tidied up.
    process.on(signal, () => {
      if (!isForwarded) child.kill(signal);
      isForwarded = true;
    });
  }
  child.once('error', lacking);
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
};
