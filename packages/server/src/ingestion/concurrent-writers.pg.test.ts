import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluateChanges } from '../segmentation/evaluate-changes.ts';
import {
  beginEvaluation,
  evaluateSegmentHandler,
  evaluateSegmentKind,
} from '../segmentation/evaluate-population.ts';
import { SegmentRules } from '../segmentation/segment-rules.ts';
import { openDatabase, rows, transaction } from '../store/database.ts';
import { applyBisecting } from './apply-bisecting.ts';
import { DatasetRegistry } from './dataset-registry.ts';
import { ingestRecords } from './ingest-records.ts';
import { PopulationJobs } from './population-jobs.ts';
import { prepareRecord } from './prepared-record.ts';
import { RecordQueue } from './record-queue.ts';
import type { ProfileChangeListener } from './save-profiles.ts';

const servers = 4;
const writersPerServer = 5;
const recordsPerWriter = 30;
const people = 40;

let database: TestDatabase;
const [schemaId, datasetId] = [randomUUID(), randomUUID()];
const now = () => new Date();

beforeAll(async () => {
  database = await createDatabase();
  await database.pool.query(
    `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
     values ($1, 'people', 'xdm.individual-profile', $2, $3, now(), now())`,
    [
      schemaId,
      [
        'xdm.personal-contact-details',
        'xdm.loyalty-details',
        'xdm.identity-map',
        'xdm.external-source-system-audit-details',
      ],
      JSON.stringify([
        { path: 'personID', namespace: 'CRMID', primary: true },
        { path: 'personalEmail.address', namespace: 'Email', primary: false },
      ]),
    ],
  );
  await database.pool.query(
    `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at)
     values ($1, 'people', $2, now(), now())`,
    [datasetId, schemaId],
  );
  await database.pool.query(
    `insert into identity_namespace (code, title, id_type, created_at)
     values ('CRMID', 'Customer', 'CROSS_DEVICE', now())`,
  );
});
afterAll(() => database.drop());

/** Each writer knows everyone by another address now and then, so that people are joined while others write them. */
const recordOf = (writer: number, index: number) => {
  const person = (index * 7 + writer * 3) % people;
  const isJoining = (index + writer) % 11 === 0;
  return {
    personID: `C-${person}`,
    personalEmail: { address: `p${isJoining ? Math.floor(person / 4) * 4 : person}@example.com` },
    loyalty: { points: writer * 1_000 + index },
    extSourceSystemAudit: {
      lastUpdatedDate: new Date(Date.UTC(2026, 0, 1) + index * 60_000 + writer * 1_000).toISOString(),
    },
  };
};

/** One server: a pool, a queue and rules of its own, as another process has them. */
function openServer() {
  const pool = openDatabase({
    config: { connectionString: database.url },
    maxConnections: 4,
    onIdleError: () => undefined,
  });
  const rules = new SegmentRules();
  const onChange: ProfileChangeListener = async (trx, changes, at) => {
    await evaluateChanges(trx, changes, rules.read(trx), at);
  };
  const datasets = new DatasetRegistry('US');
  const queue = new RecordQueue({ pool, onChange, onCommit: () => undefined, now });
  return { pool, rules, onChange, datasets, queue };
}

/** What everyone is, by customer number, without the ids that chance gives. */
const readPeople = () =>
  rows<object>(
    database.pool,
    `select i.value, p.document,
       (select json_agg(s.name order by s.name) from segment_membership m join segment s using (segment_id)
        where m.profile_id = p.profile_id and m.status <> 'exited') as segments
     from identity i join profile p using (profile_id) where i.namespace = 'CRMID' order by i.value`,
  );

test('promise 7: twenty writers of four servers, a file and a new segment leave what one writer leaves', async () => {
  const opened = Array.from({ length: servers }, openServer);
  const addSegment = (name: string, expression: string) =>
    database.pool.query('insert into segment values ($1, $2, $3, $4, null, now())', [
      randomUUID(),
      name,
      '',
      expression,
    ]);
  await addSegment('many points', 'loyalty.points > 5000');

  const writers = opened.flatMap((server, at) =>
    Array.from({ length: writersPerServer }, async (_, of) => {
      const writer = at * writersPerServer + of;
      for (let index = 0; index < recordsPerWriter; index += 3) {
        const records = [0, 1, 2].map((offset) => recordOf(writer, index + offset));
        const request = { datasetId, records, bytes: 0, idempotencyKey: undefined };
        const results = await ingestRecords({ ...server, now }, request);
        expect(results.map(({ status }) => status)).toEqual(['ingested', 'ingested', 'ingested']);
      }
    }),
  );
  const [fileServer] = opened;
  if (fileServer === undefined) throw new Error('No server was opened.');
  const { pool, rules, onChange, datasets } = fileServer;
  const dataset = await datasets.open(pool, datasetId);
  const all = Array.from({ length: servers * writersPerServer }, (_, writer) =>
    Array.from({ length: recordsPerWriter }, (_, index) => recordOf(writer, index)),
  ).flat();
  const prepared = all.flatMap((record) => {
    const preparation = prepareRecord(dataset, record, { receivedAt: now(), batchId: null });
    return preparation.ok ? [preparation.record] : [];
  });
  const file = async () => {
    for (let from = 0; from < 200; from += 50)
      await transaction(pool, (trx) => applyBisecting(trx, prepared.slice(from, from + 50), onChange, now()));
  };
  const evaluation = async () => {
    await addSegment('few points', 'loyalty.points < 9000');
    const stop = new AbortController();
    const jobs = new PopulationJobs({
      pool,
      handlers: {
        [evaluateSegmentKind]: evaluateSegmentHandler({
          rules,
          onMemberships: async () => undefined,
          isHeard: async () => true,
        }),
      },
      onCommit: () => undefined,
      now,
      onError: (error) => {
        throw error;
      },
    });
    await transaction(pool, async (trx) => {
      for (const { segmentId } of await rules.read(trx)) await beginEvaluation(trx, segmentId, now());
    });
    const running = jobs.run(stop.signal);
    while ((await rules.readAll(pool)).some(({ evaluatedAt }) => evaluatedAt === null)) await delay(20);
    stop.abort();
    await running;
  };
  await Promise.all([...writers, file(), evaluation()]);
  const together = await readPeople();

  await database.pool.query(
    'truncate profile, profile_fragment, profile_change, identity, segment_membership',
  );
  await transaction(pool, (trx) => applyBisecting(trx, prepared, onChange, now()));
  expect(together).toEqual(await readPeople());
  expect(together).toHaveLength(people);
  await Promise.all(opened.map((server) => server.pool.end()));
});
