import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseOrgDefinition } from './definition/org-definition.ts';
import { startOrg } from './start-org.ts';

const folder = join(import.meta.dirname, '..', 'examples');
const run = (program: string, url: string) =>
  promisify(execFile)(process.execPath, [join(folder, program), url]);

test('the example org is filled without a refusal', async () => {
  const definition = parseOrgDefinition(JSON.parse(readFileSync(join(folder, 'org.json'), 'utf8')));
  await using org = await startOrg({ definition });
  const { stdout, stderr } = await run('fill.mjs', org.url);
  expect(stderr).toBe('');
  const page = await (await fetch(stdout.trim())).text();
  expect(page).toContain('Anna Rossi');
  expect(org.changes({ object: 'Contact', kind: 'created' })).toHaveLength(10);
  expect(org.journal().filter(({ status }) => status >= 400)).toEqual([]);
  const [lead] = org.changes({ object: 'Lead' });
  expect(lead?.kind).toBe('created');
});

test('jsforce signs in to the sample org and writes', async () => {
  await using org = await startOrg();
  const { stdout, stderr } = await run('jsforce.mjs', org.url);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^003\w{15}\n003\w{15}\nAnna Rossi anna\.rossi@example\.com\n$/);
});
