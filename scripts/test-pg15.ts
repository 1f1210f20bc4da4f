// Runs the PostgreSQL tier against the oldest version supported, where the machine has its programs.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const binFolder = process.env.HEADRACE_TEST_POSTGRES_BIN ?? '/usr/lib/postgresql/15/bin';
if (!existsSync(join(binFolder, 'postgres'))) {
  console.log(
    `PostgreSQL 15 is not installed (${binFolder} has no postgres): nothing to test. ` +
      'Install it (Debian: postgresql-15), or name its folder in HEADRACE_TEST_POSTGRES_BIN.',
  );
  process.exit();
}
const { DATABASE_URL: _, ...environment } = process.env;
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
const child = spawn(process.execPath, [vitest, 'run', '--project', 'pg', ...process.argv.slice(2)], {
  env: { ...environment, HEADRACE_TEST_POSTGRES_BIN: binFolder },
  stdio: 'inherit',
});
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
