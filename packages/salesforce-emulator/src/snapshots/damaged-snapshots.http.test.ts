import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'salesforce-emulator-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test.each([
  ['garbage', 'x'.repeat(10_000)],
  ['empty', ''],
])('a snapshot whose file is %s is refused, and the org stays as it was', async (name, content) => {
  await using org = await startOrg({ dataDir });
  const client = await connect(org);
  await client.rest('POST', '/sobjects/Contact', { LastName: 'Kept' });
  mkdirSync(join(dataDir, 'snapshots'));
  writeFileSync(join(dataDir, 'snapshots', `${name}.sqlite`), content);
  const answer = await client.call('POST', `/emulator/snapshots/${name}/restore`);
  expect(answer).toMatchObject({ status: 400, body: [{ message: expect.stringContaining('damaged') }] });
  expect(() => org.restore(name)).toThrow(/damaged/);
  expect((await client.query('SELECT LastName FROM Contact')).body.records).toHaveLength(1);
  // Nothing is left attached that would keep the next one from being restored.
  org.takeSnapshot('good');
  org.restore('good');
});

test('what a crash left of a snapshot goes away with the next one', async () => {
  mkdirSync(join(dataDir, 'snapshots'));
  writeFileSync(join(dataDir, 'snapshots', 'half.sqlite.tmp'), 'half');
  writeFileSync(join(dataDir, 'snapshots', 'half.sqlite.tmp-journal'), 'half');
  await using org = await startOrg({ dataDir });
  org.takeSnapshot('whole');
  expect(readdirSync(join(dataDir, 'snapshots'))).toEqual(['whole.sqlite']);
});
