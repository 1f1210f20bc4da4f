#!/usr/bin/env node
// What the published `headrace-salesforce-emulator` command runs.
import { startBundle } from './start-bundle.mjs';

await startBundle(import.meta.url, 'salesforce-emulator.js');
