import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi } from './api.fixture.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let datasetId: string;
let records: string;

beforeAll(async () => {
  api = await startApi();
  await use('POST', '/api/v1/identity-namespaces', { code: 'CRMID', title: 'CRM', id_type: 'CROSS_DEVICE' });
  const { schema_id } = await use('POST', '/api/v1/schemas', {
    name: 'People',
    class_id: 'xdm.individual-profile',
    field_group_ids: ['xdm.loyalty-details', 'xdm.personal-contact-details'],
    identities: [
      { path: 'personID', namespace: 'CRMID', primary: true },
      { path: 'personalEmail.address', namespace: 'Email' },
    ],
  });
  const dataset = await use('POST', '/api/v1/datasets', { name: 'People', schema_id });
  datasetId = dataset.dataset_id;
  records = `/api/v1/datasets/${datasetId}/records`;
});
afterAll(() => api.stop());

const call: (typeof api)['call'] = (...request) => api.call(...request);
const use: (typeof api)['use'] = (...request) => api.use(...request);
const keyed = (key: string) => ({ 'idempotency-key': key });
const person = (id: string, points: number) => ({ personID: id, loyalty: { points } });

test('a repeated request has the first answer, another one under its key is refused', async () => {
  const first = await use('POST', records, person('1', 1), keyed('a'));
  expect(await use('POST', records, person('1', 1), keyed('a'))).toEqual(first);
  const other = await call('POST', records, person('1', 2), keyed('a'));
  expect(other).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } });
  expect((await call('POST', records, person('1', 2), keyed('x'.repeat(201)))).status).toBe(400);
});

test('messages of the platform are taken, one or several, with pointers into them', async () => {
  const message = (record: object, to = datasetId) => ({
    header: { datasetId: to, imsOrgId: 'org', schemaRef: { id: 'x', contentType: 'y' } },
    body: { xdmMeta: {}, xdmEntity: record },
  });
  expect(await use('POST', records, message(person('2', 1)))).toMatchObject({ ingested: 1, failed: 0 });
  const several = { messages: [message(person('3', 1)), message({ personID: 4 })] };
  expect(await use('POST', records, several)).toMatchObject({ ingested: 1, failed: 1 });
  const refused = await call('POST', records, message({ personID: 5 }));
  expect(refused).toMatchObject({
    status: 400,
    body: { error: { details: [{ pointer: '/body/xdmEntity/personID' }] } },
  });
  const elsewhere = await call('POST', records, { messages: [message(person('6', 1), 'another')] });
  expect(elsewhere).toMatchObject({
    status: 400,
    body: { error: { details: [{ pointer: '/messages/0/header/datasetId' }] } },
  });
});

test('identities left out are warnings of an ingested record', async () => {
  const answer = await use('POST', records, { ...person('7', 1), personalEmail: { address: 'no address' } });
  expect(answer.results[0]).toMatchObject({
    status: 'ingested',
    warnings: [{ pointer: '/personalEmail/address', keyword: 'invalid_email' }],
  });
});

test('records are counted, and are no audit events', async () => {
  const { rows } = await api.database.pool.query(
    `select (select sum(ingested)::int from dataset_activity) as ingested,
       (select sum(failed)::int from dataset_activity) as failed,
       (select count(*)::int from audit_event where action = 'dataset.ingest') as audited`,
  );
  expect(rows).toEqual([{ ingested: 5, failed: 2, audited: 0 }]);
});
