import { randomBytes } from 'node:crypto';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { heldSecrets } from '../../catalog/account-secrets.ts';
import { activateSegment, plainActivation } from '../../delivery/activations.ts';
import { evaluateAndMark, insertDelivery, startWorker } from '../../delivery/delivery.fixture.ts';
import { applyRecords } from '../../ingestion/apply-records.ts';
import { rows, transaction } from '../../store/database.ts';
import { type Receiver, startReceiver } from './receiver.fixture.ts';
import { createWebhookDestination } from './webhook-destination.ts';

/* Ids of records are made of keys: what becomes of them where people exchange keys, or one takes another's. */

async function connectTo(receiver: Receiver, secret: string) {
  const connection = createWebhookDestination({ allowLoopback: true }).connect(
    {
      accountId: 'a',
      authentication: 'signature',
      organizationId: null,
      values: { url: receiver.url, signing_secret: secret, call_time_limit_seconds: '1' },
    },
    {
      budget: { reserve: async () => undefined, observe: () => undefined },
      calls: { record: () => undefined },
      secrets: heldSecrets({}, {}),
      now: () => new Date(),
      log: { info: () => undefined, warn: () => undefined },
    },
  );
  onTestFinished(() => connection.close());
  return connection;
}

/** People whose records go to a receiver, as last names under e-mail addresses. */
async function open() {
  const database: TestDatabase = await createDatabase();
  onTestFinished(() => database.drop());
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const receiver = await startReceiver(secret);
  const { dataflowId, segmentId, datasetId } = await insertDelivery(database.pool);
  await database.pool.query('update dataflow set mapping = $1, details = $2', [
    JSON.stringify([
      { source: { attribute: 'personalEmail.address' }, target: 'key' },
      { source: { attribute: 'person.name.lastName' }, target: 'last_name' },
    ]),
    { fields: 'last_name' },
  ]);
  await activateSegment(database.pool, dataflowId, segmentId, plainActivation, new Date());
  const { worker, stop } = startWorker(database, await connectTo(receiver, secret));
  onTestFinished(stop);
  let stampMs = 0;
  const apply = (id: string, email: string) =>
    transaction(database.pool, (trx) =>
      applyRecords(
        trx,
        [
          {
            datasetId,
            kind: 'profile',
            recordId: id,
            stampMs: ++stampMs,
            receivedMs: 0,
            batchId: null,
            primary: { namespace: 'CRMID', value: id },
            identities: [{ namespace: 'CRMID', value: id }],
            document: { personalEmail: { address: email }, person: { name: { lastName: id } } },
          },
        ],
        evaluateAndMark(segmentId),
        new Date(),
      ),
    );
  return {
    receiver,
    /** Until as many are activated, and none is pending. */
    ingest: async (id: string, email: string, activated: number) => {
      await apply(id, email);
      await expect
        .poll(
          () => {
            worker.wake();
            return rows(
              database.pool,
              `select count(*) filter (where status = 'pending')::int as pending,
                 count(*) filter (where status = 'activated')::int as activated from export_state where not left_behind`,
            );
          },
          { timeout: 20_000, interval: 50 },
        )
        .toEqual([{ pending: 0, activated }]);
    },
    held: () => receiver.live.map(({ key, fields }) => [key, fields.last_name]).sort(),
  };
}

test.each([undefined, 'before_write', 'after_write'] as const)(
  'promise 3: two people who exchange keys exchange their records, and none is removed; an answer lost: %s',
  async (lost) => {
    const { receiver, ingest, held } = await open();
    await ingest('p1', 'a@x', 1);
    await ingest('p2', 'b@x', 2);
    // p2 has the key still.
    await ingest('p1', 'b@x', 1);
    const before = receiver.requests.length;
    if (lost !== undefined) receiver.cuts.push(lost);
    await ingest('p2', 'a@x', 2);
    expect(held()).toEqual([
      ['a@x', 'p2'],
      ['b@x', 'p1'],
    ]);
    expect(receiver.requests.slice(before).filter(({ body }) => body.includes('"remove"'))).toEqual([]);
  },
  60_000,
);

test.each(['before_write', 'after_write'] as const)(
  'promise 3: a key that its person has left is the next one’s once the old record is removed; answer lost %s',
  async (lost) => {
    const { receiver, ingest, held } = await open();
    await ingest('p1', 'a@x', 1);
    await ingest('p2', 'b@x', 2);
    // p1 has the key still.
    await ingest('p2', 'a@x', 1);
    receiver.cuts.push(lost);
    await ingest('p1', 'c@x', 2);
    expect(held()).toEqual([
      ['a@x', 'p2'],
      ['c@x', 'p1'],
    ]);
  },
  60_000,
);
