// Runs the tests that take minutes: a million rows through crashes.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const args = [
  join('node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--project',
  'long',
  ...process.argv.slice(2),
];
const child = spawn(process.execPath, args, {
  env: { ...process.env, HEADRACE_TEST_LONG: '1' },
  stdio: 'inherit',
});
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
