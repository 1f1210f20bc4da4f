// Packs, installs into an empty folder and runs what was installed; needs the npm registry.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const args = [
  join('node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--project',
  'pack',
  ...process.argv.slice(2),
];
const child = spawn(process.execPath, args, {
  env: { ...process.env, HEADRACE_TEST_PACK: '1' },
  stdio: 'inherit',
});
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
