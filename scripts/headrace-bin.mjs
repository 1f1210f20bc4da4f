#!/usr/bin/env node
// What the published package's `headrace` command runs.
import { startBundle } from './start-bundle.mjs';

await startBundle(import.meta.url, 'cli.js');
