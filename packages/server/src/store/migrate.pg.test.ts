import { randomUUID } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bucketOf, identitiesOf } from '@headrace/core';
import { createDatabase } from '@headrace/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { deletePerson } from '../ingestion/delete-person.ts';
import { readStoredProfiles } from '../ingestion/stored-profiles.ts';
import { rows } from './database.ts';
import { migrate, migrationsFolder } from './migrate.ts';

test('people of the first version go on as they were: identities, events, and they can be deleted whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headrace-migrations-'));
  const { pool, drop } = await createDatabase({ isEmpty: true });
  onTestFinished(async () => {
    await drop();
    await rm(folder, { recursive: true });
  });
  await copyFile(new URL('0001_first_path.sql', migrationsFolder), join(folder, '0001_first_path.sql'));
  await migrate(pool, pathToFileURL(`${folder}/`));

  const [schemaId, crm, orders, profileId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const bucket = bucketOf(profileId);
  await pool.query(`insert into xdm_schema values ($1, 's', 'xdm.individual-profile', '{}', '[]', now())`, [
    schemaId,
  ]);
  await pool.query(`insert into dataset values ($1, 'crm', $3, now()), ($2, 'orders', $3, now())`, [
    crm,
    orders,
    schemaId,
  ]);
  await pool.query(`insert into profile values ($1, $2, '{"loyalty":{"points":1}}', 3, now())`, [
    bucket,
    profileId,
  ]);
  await pool.query(
    `insert into profile_fragment values ($1, $2, $3, 'CRMID', '1', 'r', now(), '[{"namespace":"CRMID","value":"1"}]', '{"loyalty":{"points":1}}')`,
    [bucket, profileId, crm],
  );
  await pool.query(`insert into profile_event values ($1, $2, $3, 'order', now(), '{}')`, [
    bucket,
    profileId,
    orders,
  ]);
  // The address is of an earlier record, the cookie of the event.
  await pool.query(
    `insert into identity select namespace, value, $1, $2, $3, now()
     from (values ('CRMID', '1'), ('Email', 'old@example.com'), ('ECID', '7')) as known (namespace, value)`,
    [bucket, profileId, crm],
  );

  expect((await migrate(pool))[0]).toBe('0002_profiles.sql');
  const { fragments, versions } = await readStoredProfiles(pool, [profileId]);
  expect(versions.get(profileId)).toBe(3);
  const stored = fragments.get(profileId) ?? [];
  expect(stored).toHaveLength(2);
  expect(identitiesOf(stored)).toHaveLength(3);
  expect(stored.every(({ links }) => links.every(({ first, last }) => first <= last))).toBe(true);

  await deletePerson(
    { pool, onChange: async () => undefined, onCommit: () => undefined, now: () => new Date() },
    { profileId, atDestinations: 'keep', principal: 'test' },
  );
  const left = await rows<{ count: number }>(
    pool,
    `select (select count(*) from profile) + (select count(*) from profile_fragment)
       + (select count(*) from profile_event) + (select count(*) from identity) as count`,
  );
  expect(left).toEqual([{ count: 0 }]);
});
