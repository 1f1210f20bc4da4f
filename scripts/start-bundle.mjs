// How a published command starts its bundle, on a Node that is new enough. Plain JavaScript for Node 20.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isNodeNewEnough, pinnedNodePackage, runOnPinnedNode } from './pinned-node.mjs';

/** Runs the bundle of this name beside the command, here or on the Node that was installed with it. */
export const startBundle = async (commandUrl, name) => {
  const entry = join(dirname(fileURLToPath(commandUrl)), name);
  if (isNodeNewEnough()) await import(pathToFileURL(entry).href);
  else runOnPinnedNode(locatePackage(commandUrl), entry, process.argv.slice(2));
};

const locatePackage = (commandUrl) => {
  try {
    return dirname(createRequire(commandUrl).resolve(`${pinnedNodePackage}/package.json`));
  } catch {
    return undefined;
  }
};
