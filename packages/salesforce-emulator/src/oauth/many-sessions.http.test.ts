import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { requestToken } from '../testing/rest-client.ts';

test('sessions that ended and were never used again do not pile up', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'salesforce-emulator-'));
  {
    await using org = await startOrg({ dataDir });
    for (let round = 0; round < 30; round++) await requestToken(org);
    org.advance(24 * 3_600_000);
  }
  {
    await using org = await startOrg({ dataDir });
    await requestToken(org);
  }
  const database = new DatabaseSync(join(dataDir, 'org.sqlite'));
  expect(database.prepare('select count(*) as n from _access_token').get()).toEqual({ n: 1 });
  database.close();
  rmSync(dataDir, { recursive: true, force: true });
});
