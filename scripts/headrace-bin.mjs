#!/usr/bin/env node
// What the published package's `headrace` command runs: the CLI's bundle, on a Node that is new enough.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isNodeNewEnough, pinnedNodePackage, runOnPinnedNode } from './pinned-node.mjs';

const locatePackage = () => {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${pinnedNodePackage}/package.json`));
  } catch {
    return undefined;
  }
};

const cli = join(dirname(fileURLToPath(import.meta.url)), 'cli.js');
if (isNodeNewEnough()) await import(pathToFileURL(cli).href);
else runOnPinnedNode(locatePackage(), cli, process.argv.slice(2));
