import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { bulkClient } from '../testing/bulk-client.ts';
import { connect } from '../testing/rest-client.ts';

const rows = (count: number): string =>
  `LastName\n${Array.from({ length: count }, (_, index) => `B${index}`).join('\n')}\n`;

test('rows of a Bulk job fail by share as records of other calls do, the same ones each time', async () => {
  const run = async () => {
    await using org = await startOrg();
    const bulk = bulkClient(await connect(org));
    const error = { kind: 'record_error', error_code: 'CANNOT_EXECUTE_FLOW_TRIGGER', share: 0.1 } as const;
    org.faults({ seed: 'bulk', rules: [{ match: { object: 'Contact' }, fault: error }] });
    const { job, failures } = await bulk.run({ object: 'Contact', operation: 'insert' }, rows(500));
    expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 500 });
    expect(job.numberRecordsFailed).toBe(failures.length);
    return failures.map((row) => row.join());
  };
  const failures = await run();
  expect(failures.length).toBeGreaterThan(20);
  expect(failures.length).toBeLessThan(100);
  expect(failures[0]).toContain('CANNOT_EXECUTE_FLOW_TRIGGER');
  expect(await run()).toEqual(failures);
});

test('rules about calls do not meet the rows of a job', async () => {
  await using org = await startOrg();
  const bulk = bulkClient(await connect(org));
  const error = { kind: 'record_error', error_code: 'ENTITY_IS_LOCKED' } as const;
  org.faults({ rules: [{ match: { method: 'POST' }, fault: error }] });
  const { job } = await bulk.run({ object: 'Contact', operation: 'insert' }, rows(3));
  expect(job.numberRecordsFailed).toBe(0);
});

test('an upload that is applied late keeps its file until then', async () => {
  await using org = await startOrg();
  const bulk = bulkClient(await connect(org));
  const { body } = await bulk.create({ object: 'Contact', operation: 'insert' });
  org.faults({
    rules: [{ match: { method: 'PUT' }, count: 1, fault: { kind: 'late_write', delay_ms: 5_000 } }],
  });
  await expect(bulk.upload(body.id, rows(3))).rejects.toThrow();
  org.advance(5_000);
  expect((await bulk.patch(body.id, 'UploadComplete')).status).toBe(200);
  expect(await bulk.wait(body.id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 3 });
});

test('a job waits for the parents of other writers, and then has the rows refused that need them', async () => {
  await using org = await startOrg();
  const client = await connect(org);
  const bulk = bulkClient(client);
  const account = async (name: string): Promise<string> =>
    (await client.rest('POST', '/sobjects/Account', { Name: name })).body.id;
  const free = await account('Free');
  const whileHeld = async (held: string) => {
    const csv = `LastName,AccountId\nA,${held}\nB,${free}\n`;
    const writing = client.rest('POST', '/sobjects/Contact', { LastName: 'W', AccountId: held });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const finished = await bulk.run({ object: 'Contact', operation: 'insert' }, csv);
    expect((await writing).status).toBe(201);
    return finished;
  };
  org.faults({ locks: { transaction_ms: 300 } });
  expect((await whileHeld(await account('First'))).job.numberRecordsFailed).toBe(0);
  const held = await account('Second');
  await new Promise((resolve) => setTimeout(resolve, 320));
  org.faults({ locks: { transaction_ms: 900, timeout_ms: 50 } });
  const { successes, failures } = await whileHeld(held);
  expect(successes).toHaveLength(1);
  expect(failures).toHaveLength(1);
  expect(failures[0]?.[1]).toContain(
    `UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: ${held}`,
  );
});
