import { HeadraceError } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from './create-log.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('promise 9: what PostgreSQL says of a failing row does not reach the log', async () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const failure: unknown = await database.pool
    .query(
      `insert into profile values (5000, gen_random_uuid(), '{"personalEmail": {"address": "ann@example.com"}}', 1, now(), now())`,
    )
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ detail: expect.stringContaining('ann@example.com') });

  log.error({ err: failure }, 'Failed');
  log.error({ err: new HeadraceError('internal', 'It failed.', { cause: failure }) }, 'Failed');
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(line).not.toContain('ann@example.com');
    expect(line).toContain('"code":"23514"');
    expect(line).toContain('profile_bucket_check');
  }
});
