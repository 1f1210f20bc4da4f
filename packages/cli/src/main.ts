#!/usr/bin/env node
import { Command } from 'commander';
import { describeProblem } from './describe-problem.ts';
import { findPrograms } from './programs/entries.ts';
import { segmentCommand } from './segment/segment-command.ts';
import { start } from './start.ts';
import { openTerminal } from './terminal/terminal.ts';

const entries = findPrograms();

const command = new Command('headrace')
  .description('Keeps Salesforce CRM in step with customer segments.')
  .version(entries.version);

command
  .command('start', { isDefault: true })
  .description('start the server and run the sample workspace on an emulated Salesforce org')
  .option('--once', 'stop everything after the summary; the exit code says whether its numbers agree')
  .option('--no-sample', 'start the server only')
  .addHelpText(
    'after',
    '\nEnvironment:\n' +
      '  HEADRACE_DATA_DIR  folder for all data (default: .headrace in the working folder)\n' +
      '  HEADRACE_PORT      port of the server on 127.0.0.1 (default: 4400)\n' +
      '  DATABASE_URL       a PostgreSQL 15 or newer to use in place of the embedded one\n',
  )
  .action(async ({ once, sample }: { readonly once?: boolean; readonly sample: boolean }) => {
    const exitCode = await start({
      entries,
      environment: process.env,
      workingDir: process.cwd(),
      withSample: sample,
      once: once === true,
      terminal: openTerminal(process.stdout, process.env, () => performance.now()),
    });
    // What could still hold the process, an idle connection to a stopped server, is not worth waiting for.
    process.exit(exitCode);
  });

// npm runs its scripts in the folder of package.json, and says where the user stands.
// In the repository npm runs it, from the repository's folder.
const isInstalled = !import.meta.url.endsWith('.ts');
command.addCommand(segmentCommand((isInstalled ? undefined : process.env.INIT_CWD) ?? process.cwd()));

try {
  await command.parseAsync();
} catch (error) {
  process.stderr.write(`headrace: ${describeProblem(error)}\n`);
  process.exit(1);
}
