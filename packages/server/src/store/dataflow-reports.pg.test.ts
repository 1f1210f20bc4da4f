import { randomUUID } from 'node:crypto';
import { bucketOf } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countDataflowMembers, readDataflowReasons, readDataflowRecords } from './dataflow-reports.ts';

let database: TestDatabase;
const dataflowId = randomUUID();
const [filled, unfilled] = [randomUUID(), randomUUID()];
const profiles = Array.from({ length: 30 }, () => randomUUID());
const statusOf = (index: number) =>
  (['activated', 'excluded', 'failed', 'pending', 'exited'] as const)[index % 5];

beforeAll(async () => {
  database = await createDatabase();
  const { pool } = database;
  await pool.query(
    `insert into account (account_id, destination_type, name, authentication, settings, sealed_secrets, created_at)
     values ($1, 'memory', 'a', 'none', '{}', '', now())`,
    [dataflowId],
  );
  await pool.query(
    `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, stopped_by, created_at) values ($1, $1, 'f', '', '{}', '[]', true, null, now())`,
    [dataflowId],
  );
  await pool.query(
    `insert into segment values ($1, 'filled', '', 'true', now(), now()), ($2, 'unfilled', '', 'true', now(), now())`,
    [filled, unfilled],
  );
  await pool.query(`insert into activation values ($1, $2, now(), now()), ($1, $3, now(), null)`, [
    dataflowId,
    filled,
    unfilled,
  ]);
  for (const [index, profileId] of profiles.entries()) {
    const status = statusOf(index);
    const isPending = status === 'pending';
    // The last five are not marked yet: members of the segment whose backfill is still to come.
    const isMarked = index < 25;
    if (isMarked)
      await pool.query(
        `insert into export_state
           (bucket, dataflow_id, profile_id, member, status, wanted_seq, due_at, pending_since, code)
         values ($1, $2, $3, $4, $5, 1, case when $6 then now() end, case when $6 then now() end, $7)`,
        [
          bucketOf(profileId),
          dataflowId,
          profileId,
          status !== 'exited',
          status,
          isPending,
          status === 'excluded' ? 'consent_withdrawn' : null,
        ],
      );
    await pool.query('insert into segment_membership values ($1, $2, $3, $4, now())', [
      bucketOf(profileId),
      profileId,
      isMarked ? filled : unfilled,
      isMarked && status === 'exited' ? 'exited' : 'realized',
    ]);
  }
});
afterAll(() => database.drop());

test('promise 10: members = pending + activated + excluded + failed, those still to be marked being pending', async () => {
  expect(await countDataflowMembers(database.pool, dataflowId)).toEqual({
    members: 25,
    pending: 10,
    activated: 5,
    excluded: 5,
    failed: 5,
  });
});

test('reasons add up to what is excluded and failed, also where there is no code', async () => {
  expect(await readDataflowReasons(database.pool, dataflowId)).toEqual([
    { status: 'excluded', code: 'consent_withdrawn', count: 5, message: null },
    { status: 'failed', code: 'unknown', count: 5, message: null },
  ]);
});

test('pages of records show each once, whatever their size', async () => {
  for (const limit of [1, 7, 25]) {
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await readDataflowRecords(database.pool, {
        dataflowId,
        status: undefined,
        code: undefined,
        after,
        limit,
      });
      seen.push(...page.map(({ profileId }) => profileId));
      after = page.at(-1)?.profileId;
      if (page.length < limit) break;
    }
    expect(seen.toSorted()).toEqual(profiles.slice(0, 25).toSorted());
  }
});

test('pages can be of one status or code', async () => {
  const page = { dataflowId, after: undefined, limit: 100 };
  const failed = await readDataflowRecords(database.pool, { ...page, status: 'failed', code: undefined });
  expect(failed).toHaveLength(5);
  const optedOut = await readDataflowRecords(database.pool, {
    ...page,
    status: undefined,
    code: 'consent_withdrawn',
  });
  expect(new Set(optedOut.map(({ status }) => status))).toEqual(new Set(['excluded']));
});
