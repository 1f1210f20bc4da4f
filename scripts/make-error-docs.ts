import { readFile, writeFile } from 'node:fs/promises';
import { exclusionReasons, failureReasons } from '../packages/core/src/dataflow/reasons.ts';
import { errorCodes } from '../packages/core/src/errors/codes.ts';

/** `docs/errors.md`, made from the table of error codes. */
export function errorDocs(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { status, retry, actor, meaning, remedy }]) =>
      `| \`${code}\` | ${status} | ${meaning} | ${remedy} | ${retry === 'later' ? 'yes' : 'no'} | ${actor} |`,
  );
  return [
    '# Errors',
    '',
    'Made from `packages/core/src/errors/codes.ts` by `node scripts/make-error-docs.ts`; do not edit.',
    '',
    'Every error of the HTTP API is `{"error": {"code", "message", "remedy", "details"}}`. The message says what',
    'was wrong and where; `details` names each fault by JSON pointer, row or position.',
    '',
    '| Code | Status | Meaning | What to do | Try again | Who acts |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    '## Why a member is not sent, or failed',
    '',
    'Made from `packages/core/src/dataflow/reasons.ts`. The API tells both with each record, run and profile. Codes that',
    "are not here are the destination's own, with its message.",
    '',
    '| Code | Meaning | What to do |',
    '|---|---|---|',
    ...Object.entries({ ...exclusionReasons, ...failureReasons }).map(
      ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`,
    ),
    '',
  ].join('\n');
}

const file = new URL('../docs/errors.md', import.meta.url);
if (process.argv[1] === new URL(import.meta.url).pathname) {
  if (!process.argv.includes('--check')) await writeFile(file, errorDocs());
  else if ((await readFile(file, 'utf8')) !== errorDocs()) {
    process.stderr.write('docs/errors.md is stale. Run: npm exec -- node scripts/make-error-docs.ts\n');
    process.exitCode = 1;
  }
}
