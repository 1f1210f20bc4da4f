import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { permissions } from '@headrace/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localOwner } from '../access/owner.ts';
import { rows } from '../store/database.ts';
import { startApi, token, until } from './api.fixture.ts';
import { routeTable } from './route-table.ts';

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const call: (typeof api)['call'] = (...request) => api.call(...request);
const use: (typeof api)['use'] = (...request) => api.use(...request);

const someId = '00000000-0000-4000-8000-000000000000';
const urlOf = (path: string) => path.replaceAll(/:\w+/g, someId);

describe('every route', () => {
  const guarded = routeTable.filter(({ access }) => access !== 'public');

  test('has an operation id and a method with path of its own, and an audit event unless it reads', () => {
    expect(new Set(routeTable.map(({ operationId }) => operationId)).size).toBe(routeTable.length);
    expect(new Set(routeTable.map(({ method, path }) => `${method} ${path}`)).size).toBe(routeTable.length);
    const unaudited = routeTable.filter(({ method, audit }) => (method === 'GET') !== (audit === null));
    expect(unaudited.map(({ operationId }) => operationId)).toEqual([
      'deleteIdentityNamespace',
      'ingestRecords',
      'suggestMapping',
      'filterProfiles',
      'validateExpression',
      'estimateSegment',
      'testExpression',
    ]);
  });

  test.each(guarded.map(({ method, path }) => [method, path] as const))(
    '%s %s: 401 without a token or with a wrong one',
    async (method, path) => {
      for (const authorization of [undefined, 'Bearer wrong', `Basic ${token}`, 'Bearer ']) {
        const headers = authorization === undefined ? {} : { authorization };
        const response = await api.api.inject({ method, url: urlOf(path), headers });
        expect(response.statusCode).toBe(401);
        expect(response.json().error.code).toBe('authentication_required');
      }
    },
  );

  test.each(
    guarded.flatMap(({ method, path, access }) =>
      access === 'public' ? [] : access.map((permission) => [method, path, permission] as const),
    ),
  )('%s %s: 403 without %s', async (method, path, permission) => {
    const granted = permissions.filter((other) => other !== permission);
    api.actAs({ ...localOwner, permissions: new Set(granted) });
    try {
      const answer = await call(method, urlOf(path));
      expect(answer.status).toBe(403);
      expect(answer.body.error.message).toContain(permission);
    } finally {
      api.actAs(localOwner);
    }
  });

  test('is in the API description, with every parameter explained', async () => {
    const { body } = await call('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    for (const { method, path, operationId } of routeTable) {
      const described = body.paths[path.replaceAll(/:(\w+)/g, '{$1}')][method.toLowerCase()];
      expect(described.operationId).toBe(operationId);
      const parameters: { name: string; in: string; description?: string }[] = described.parameters ?? [];
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `:${name}`);
      expect(inPath.sort()).toEqual((path.match(/:\w+/g) ?? []).sort());
      for (const { name, description } of parameters)
        expect({ operationId, name, description }).toEqual({
          operationId,
          name,
          description: expect.any(String),
        });
    }
  });
});

describe('what is refused', () => {
  test('another host, an unknown route, a body that is no JSON, of another type, or too large', async () => {
    const elsewhere = await call('GET', '/health/live', undefined, { host: 'evil.example' });
    expect(elsewhere).toMatchObject({ status: 400, body: { error: { code: 'invalid_input' } } });
    expect(await call('GET', '/api/v2/x')).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
    const send = async (payload: string, type: string) =>
      (
        await api.api.inject({
          method: 'POST',
          url: '/api/v1/datasets',
          headers: { authorization: `Bearer ${token}`, 'content-type': type },
          payload,
        })
      ).json().error;
    const secret = 'hunter2';
    const broken = await send(`{"password": ${secret}`, 'application/json');
    expect(broken.code).toBe('invalid_input');
    expect(JSON.stringify(broken)).not.toContain(secret);
    expect((await send('a,b', 'text/csv')).code).toBe('unsupported_media_type');
    expect((await send(JSON.stringify('x'.repeat(1_100_000)), 'application/json')).code).toBe(
      'payload_too_large',
    );
    expect((await send('{"name":"a\\u0000b","schema_id":1}', 'application/json')).details).toEqual([
      expect.objectContaining({ pointer: '/schema_id' }),
    ]);
  });

  test('promise 11: names where and what was expected', async () => {
    const { status, body } = await call('POST', '/api/v1/schemas', { nam: 'x' });
    expect(status).toBe(400);
    expect(body.error.details[0].message).toMatch(/missing|Did you mean "name"/);
    const query = await call('GET', `/api/v1/segments/${someId}/members?limit=many`);
    expect(query.body.error.details).toEqual([
      { pointer: '/limit', keyword: 'type', message: 'Expected a whole number; found text.' },
    ]);
    const id = await call('GET', '/api/v1/segments/abc');
    expect(id.body.error.message).toContain('UUID');
  });
});

test('the whole path, from a schema to records at the destination', async () => {
  await use('POST', '/api/v1/identity-namespaces', { code: 'CRMID', title: 'No', id_type: 'CROSS_DEVICE' });
  const again = { code: 'crmid', title: 'No', id_type: 'CROSS_DEVICE' };
  expect((await call('POST', '/api/v1/identity-namespaces', again)).status).toBe(409);
  await use('PATCH', '/api/v1/identity-namespaces/CRMID', { title: 'Customer number' });
  await use('GET', '/api/v1/identity-namespaces');
  await use('GET', '/api/v1/field-groups');

  const newSchema = {
    name: 'People',
    class_id: 'xdm.individual-profile',
    field_group_ids: ['xdm.demographic-details', 'xdm.personal-contact-details'],
    identities: [
      { path: 'personID', namespace: 'CRMID', primary: true },
      { path: 'personalEmail.address', namespace: 'Email' },
    ],
  };
  const wrong = { ...newSchema, identities: [{ path: 'personalEmail.adress', namespace: 'Emial' }] };
  const refused = await call('POST', '/api/v1/schemas', wrong);
  expect(refused.body.error.details.map((detail: { pointer: string }) => detail.pointer)).toEqual([
    '/identities/0/path',
    '/identities/0/namespace',
  ]);
  const { schema_id } = await use('POST', '/api/v1/schemas', newSchema);
  expect((await call('POST', '/api/v1/schemas', newSchema)).status).toBe(409);
  await use('GET', '/api/v1/schemas');
  await use('GET', `/api/v1/schemas/${schema_id}`);
  const fields = await use('GET', '/api/v1/schemas/union/fields?search=LASTNAME');
  expect(fields.items.map(({ path }: { path: string }) => path)).toContain('person.name.lastName');

  const shop = { title: 'Shop', class_ids: ['xdm.individual-profile'] };
  const vip = { type: 'object', properties: { vip: { type: 'boolean' } } };
  const { field_group_id } = await use('POST', '/api/v1/field-groups', { ...shop, json_schema: vip });
  await use('PUT', `/api/v1/field-groups/${field_group_id}`, { ...shop, json_schema: vip });
  await use('DELETE', `/api/v1/field-groups/${field_group_id}`);
  await use('PATCH', `/api/v1/schemas/${schema_id}`, { description: 'Everyone.' });
  await use('PUT', `/api/v1/schemas/${schema_id}/labels`, { labels: { personalEmail: ['I1'] } });
  const unused = { ...newSchema, name: 'Unused', enabled_for_profile: false };
  await use('DELETE', `/api/v1/schemas/${(await use('POST', '/api/v1/schemas', unused)).schema_id}`);

  const { dataset_id } = await use('POST', '/api/v1/datasets', { name: 'Shop', schema_id });
  await use('GET', '/api/v1/datasets');
  await use('GET', `/api/v1/datasets/${dataset_id}`);
  const records = `/api/v1/datasets/${dataset_id}/records`;
  const one = {
    personID: '1',
    person: { name: { lastName: 'Ng' } },
    personalEmail: { address: 'Ng@Example.com' },
  };
  const ingested = await use('POST', records, { records: [one, { personID: 2 }, { personID: '3', x: 1 }] });
  expect(ingested).toMatchObject({ received: 3, ingested: 1, failed: 2 });
  const nothing = await call('POST', records, { personID: 2 });
  expect(nothing).toMatchObject({ status: 400, body: { error: { details: [{ pointer: '/personID' }] } } });
  expect((await call('POST', records, { records: Array(1_001).fill(one) })).status).toBe(400);

  const csvMapping = {
    columns: { id: 'personID', last: 'person.name.lastName', mail: 'personalEmail.address' },
  };
  const newBatch = { dataset_id, file_name: 'people.csv', mapping: csvMapping };
  const { batch_id } = await use('POST', '/api/v1/batches', newBatch);
  const csv = Buffer.from('id,last,mail\n4,Okafor,o@example.com\n,Nobody,\n5,Diaz,\n6,Lee,lee@example.com\n');
  const upload = { 'content-type': 'text/csv' };
  const taken = await use('PUT', `/api/v1/batches/${batch_id}/file`, csv, upload);
  expect(taken.duplicate).toBe(false);
  await until(async () => (await use('GET', `/api/v1/batches/${batch_id}`)).status === 'success');
  expect(await use('GET', `/api/v1/batches/${batch_id}`)).toMatchObject({ rows_ingested: 3, rows_failed: 1 });
  expect((await use('GET', `/api/v1/batches/${batch_id}/errors`)).items).toHaveLength(1);
  const second = await use('POST', '/api/v1/batches', newBatch);
  const twin = await use('PUT', `/api/v1/batches/${second.batch_id}/file`, csv, upload);
  expect(twin).toMatchObject({ duplicate: true, batch: { batch_id } });
  const mappings = `/api/v1/datasets/${dataset_id}/csv-mappings`;
  const { mapping_id } = await use('POST', mappings, { name: 'Weekly', mapping: csvMapping });
  expect((await use('GET', mappings)).items).toHaveLength(1);
  const suggestions = `/api/v1/datasets/${dataset_id}/mapping-suggestions`;
  const suggested = await use('POST', suggestions, { sample: csv.toString() });
  expect(suggested).toMatchObject({ delimiter: ',', saved: [{ mapping_id }] });
  const reused = { dataset_id, file_name: 'b.csv', mapping_id };
  expect(await use('POST', '/api/v1/batches', reused)).toMatchObject({ mapping: csvMapping });
  await use('DELETE', `${mappings}/${mapping_id}`);
  expect((await use('GET', mappings)).items).toEqual([]);
  const imported = await use('POST', '/api/v1/batches', { dataset_id, file_name: 'a', format: 'ndjson' });
  const importFile = join(api.importFolder, 'people.ndjson');
  await writeFile(
    importFile,
    '{"personID":"4","person":{"name":{"lastName":"Okafor"}},"personalEmail":{"address":"o@example.com"}}\n',
  );
  await use('POST', `/api/v1/batches/${imported.batch_id}/file`, { path: importFile });
  const unwanted = await use('POST', '/api/v1/batches', newBatch);
  expect((await use('POST', `/api/v1/batches/${unwanted.batch_id}/abort`)).status).toBe('aborted');
  const batchesOf = (query: string) => use('GET', `/api/v1/batches?dataset_id=${dataset_id}&limit=2${query}`);
  const newest = await batchesOf('');
  const older = await batchesOf(`&after=${newest.next_after}`);
  const ids = [...newest.items, ...older.items].map((batch) => batch.batch_id);
  expect([newest.items.length, ids[0], new Set(ids).size]).toEqual([2, unwanted.batch_id, 4]);
  expect([ids.includes(batch_id), older.next_after]).toEqual([true, null]);
  expect((await batchesOf('&status=aborted')).items).toMatchObject([{ batch_id: unwanted.batch_id }]);

  await use('PATCH', `/api/v1/datasets/${dataset_id}`, { description: 'What the shop knows.' });
  await use('POST', `/api/v1/datasets/${dataset_id}/enable-for-profile`);
  const spare = await use('POST', '/api/v1/datasets', { name: 'Spare', schema_id });
  await use('DELETE', `/api/v1/datasets/${spare.dataset_id}?confirm=Spare`);

  expect(await use('GET', '/api/v1/profiles/count')).toEqual({ count: 4, is_estimate: false });
  const merging = { name: 'Second', attribute_merge: { type: 'timestampOrdered' } };
  const policy = `/api/v1/merge-policies/${(await use('POST', '/api/v1/merge-policies', merging)).merge_policy_id}`;
  await use('PATCH', policy, { name: 'Another' });
  await use('DELETE', policy);
  const found = await use('GET', '/api/v1/profiles?namespace=Email&value=ng@EXAMPLE.com');
  expect(found.items).toHaveLength(1);
  await use('GET', `/api/v1/profiles/${found.items[0].profile_id}`);
  expect(api.logged.join('')).toContain('/api/v1/profiles');
  expect(api.logged.join('').toLowerCase()).not.toContain('example.com');

  const expression = 'person.name.lastName.isNotNull()';
  await use('POST', '/api/v1/segments/validate', { expression });
  const { segment_id } = await use('POST', '/api/v1/segments', { name: 'Named', expression });
  const segment = `/api/v1/segments/${segment_id}`;
  await until(async () => (await use('GET', segment)).evaluated_at !== null);
  expect((await use('GET', segment)).counts).toEqual({ realized: 4, existing: 0, exited: 0 });
  await use('GET', '/api/v1/segments');
  const first = await use('GET', `${segment}/members?limit=3`);
  const rest = await use('GET', `${segment}/members?limit=3&after=${first.next_after}`);
  expect([first.items.length, rest.items.length, rest.next_after]).toEqual([3, 1, null]);
  const { items: hours } = await use('GET', `${segment}/counts`);
  expect(hours.at(-1).members).toBe(4);
  expect((await use('GET', `${segment}/counts?since=2999-01-01T00:00:00Z`)).items).toEqual([]);
  const past = await use('GET', `/api/v1/profiles/${first.items[0].profile_id}/segment-history`);
  expect(past.items).toEqual([]);
  expect((await call('GET', `/api/v1/profiles/${someId}/segment-history`)).status).toBe(404);
  const { items: begun } = await use('POST', `${segment}/evaluate`);
  expect(begun).toMatchObject([{ segment_id, finished_at: null }]);
  await until(async () => (await use('GET', segment)).evaluation?.status === 'SUCCEEDED');
  expect((await use('GET', segment)).evaluation).toMatchObject({ percent_done: 100, profiles_done: 4 });
  expect((await use('GET', '/api/v1/segment-jobs')).items).toHaveLength(2);
  const evaluate = async () => (await use('POST', `${segment}/evaluate`)).items[0].segment_job_id;
  const [replaced] = [await evaluate(), await evaluate()];
  expect(await use('GET', `/api/v1/segment-jobs/${replaced}`)).toMatchObject({ kind: 'evaluation' });
  expect(await use('DELETE', `/api/v1/segment-jobs/${replaced}`)).toMatchObject({ segment_id });
  expect((await call('DELETE', `/api/v1/segment-jobs/${someId}`)).status).toBe(404);
  expect((await call('GET', `/api/v1/segment-jobs/${someId}`)).status).toBe(404);
  expect(await use('GET', '/api/v1/segment-schedule')).toEqual({
    cron: '0 3 * * *',
    state: 'inactive',
    next_run: null,
  });
  const schedule = await use('PATCH', '/api/v1/segment-schedule', { state: 'active' });
  expect(schedule).toEqual({
    cron: '0 3 * * *',
    state: 'active',
    next_run: expect.stringContaining('T03:00:00'),
  });
  const other = await use('POST', '/api/v1/segments', { name: 'Other', expression, state: 'draft' });
  expect(other.state).toBe('draft');
  await use('PATCH', `/api/v1/segments/${other.segment_id}`, { expression: `inSegment("${segment_id}")` });
  expect(await use('GET', `${segment}/dependents`)).toEqual({
    dataflows: [],
    segments: [{ segment_id: other.segment_id, name: 'Other', state: 'draft' }],
  });
  const used = await call('DELETE', segment);
  expect([used.status, used.body.error.message]).toEqual([409, expect.stringContaining('"Other"')]);
  await use('DELETE', `/api/v1/segments/${other.segment_id}`);
  expect((await call('GET', `/api/v1/segments/${other.segment_id}`)).status).toBe(404);

  await use('GET', '/api/v1/destinations');
  await use('GET', '/api/v1/destinations/memory');
  const newAccount = { destination_type: 'memory', name: 'Org', authentication: 'password' };
  const values = { username: 'ann', password: 'open sesame' };
  const denied = await call('POST', '/api/v1/accounts', {
    ...newAccount,
    values: { ...values, password: 'guess' },
  });
  expect(denied).toMatchObject({
    status: 422,
    body: { error: { code: 'destination_authentication_rejected' } },
  });
  const account = await use('POST', '/api/v1/accounts', { ...newAccount, values });
  expect(account.settings).toEqual({ username: 'ann' });
  const accountUrl = `/api/v1/accounts/${account.account_id}`;
  expect((await use('GET', '/api/v1/accounts')).items).toHaveLength(1);
  const inBrowser = { ...newAccount, name: 'By browser', authentication: 'browser', values: {} };
  expect((await use('POST', '/api/v1/accounts/browser-sign-ins', inBrowser)).url).toContain('?state=');
  await use('POST', `${accountUrl}/browser-sign-ins`, { authentication: 'browser', values: {} });
  await use('POST', `${accountUrl}/test`);
  await use('PUT', `${accountUrl}/credentials`, { values });
  expect((await call('PUT', `${accountUrl}/credentials`, { values: { username: 'eve' } })).status).toBe(400);
  const writable = await use('GET', `${accountUrl}/target-fields?details=${encodeURIComponent('{}')}`);
  expect(writable.items).toMatchObject([
    { name: 'email', kind: 'text', clearable: true, parent: null, choices: [], aliases: [] },
    { name: 'lastName' },
  ]);
  for (const details of ['{', '[]', 'null', '{"a":1}', '{"object":"Lead"}']) {
    const refused = await call('GET', `${accountUrl}/target-fields?details=${encodeURIComponent(details)}`);
    expect([refused.status, refused.body.error.details[0].pointer]).toEqual([
      400,
      expect.stringMatching(/^\/details/),
    ]);
  }
  expect(await use('GET', `${accountUrl}/api-calls`)).toMatchObject({ total: 3, allowance: 100 });
  expect(await use('PATCH', `${accountUrl}/budget`, { allowance: 90 })).toMatchObject({ used: 3, room: 87 });

  const mapping = [
    { source: { attribute: 'personalEmail.address' }, target: 'email' },
    { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
  ];
  const newDataflow = { account_id: account.account_id, name: 'To the org', mapping };
  const lacking = await call('POST', '/api/v1/dataflows', { ...newDataflow, mapping: mapping.slice(1) });
  expect(lacking.body.error.message).toContain('"email"');
  const { dataflow_id } = await use('POST', '/api/v1/dataflows', newDataflow);
  const dataflow = `/api/v1/dataflows/${dataflow_id}`;
  const draft = await use('POST', '/api/v1/segments', { name: 'Draft', expression, state: 'draft' });
  const early = await call('POST', `${dataflow}/activations`, { segment_id: draft.segment_id });
  expect([early.status, early.body.error.message]).toEqual([409, expect.stringContaining('draft')]);
  await use('POST', `${dataflow}/activations`, { segment_id });
  const takenBack = await call('PATCH', segment, { state: 'inactive' });
  expect([takenBack.status, takenBack.body.error.message]).toEqual([
    409,
    expect.stringContaining(newDataflow.name),
  ]);
  expect((await call('POST', `${dataflow}/activations`, { segment_id })).status).toBe(409);
  const isDone = async () => (await use('GET', dataflow)).counts.pending === 0;
  await until(isDone);
  const counts = { members: 4, pending: 0, activated: 3, excluded: 1, failed: 0 };
  expect(await use('GET', dataflow)).toMatchObject({ status: 'enabled', stopped_by: null, counts });
  const [activation] = (await use('GET', `${dataflow}/activations`)).items;
  expect(activation).toMatchObject({
    segment_id,
    profiles: 4,
    pending: 0,
    activated: 3,
    excluded: 1,
    failed: 0,
  });
  const [run] = (await use('GET', `${dataflow}/runs`)).items;
  expect(run).toMatchObject({ received: 4, activated: 3, excluded: 1, failed: 0, pending: 0 });
  expect((await use('GET', `${dataflow}/reasons`)).items).toEqual([
    expect.objectContaining({ status: 'excluded', code: 'required_value_missing', count: 1 }),
  ]);
  const excluded = await use('GET', `${dataflow}/records?status=excluded&code=required_value_missing`);
  expect(excluded.items).toMatchObject([
    { message: 'No value for email. It is taken from personalEmail.address.' },
  ]);
  const changed = await use('PATCH', `${dataflow}/activations/${segment_id}`, {
    mapping_id: 'Vips',
    on_exit: 'nothing',
  });
  expect(changed.items).toMatchObject([{ mapping_id: 'Vips', on_exit: 'nothing', status: 'active' }]);
  // It marks the members again, beside this test.
  await until(async () => {
    const unmarked = await rows(api.database.pool, 'select from dataflow where remark_wanted');
    return unmarked.length === 0 && (await isDone());
  });
  expect(await use('POST', `${dataflow}/verifications`)).toMatchObject({ activated: 3, found: 3, equal: 3 });
  expect(await use('POST', `${dataflow}/resync`)).toEqual({ marked: 3 });
  await until(async () => isDeepStrictEqual((await use('GET', dataflow)).counts, counts));
  expect(await use('POST', `${dataflow}/retry`, { status: 'excluded' })).toEqual({ marked: 1 });
  await use('PUT', `${dataflow}/mapping`, { mapping });
  await use('PUT', `${dataflow}/details`, { details: {} });
  const wrongDetail = await call('PUT', `${dataflow}/details`, { details: { nothing: 'x' } });
  expect(wrongDetail.body.error.details[0].pointer).toBe('/details/nothing');
  await until(async () => isDeepStrictEqual((await use('GET', dataflow)).counts, counts));
  await use('PATCH', dataflow, { enabled: false, description: 'Paused.' });
  expect((await use('GET', '/api/v1/dataflows')).items).toMatchObject([{ status: 'disabled' }]);
  await use('PATCH', dataflow, { enabled: true });

  const reversed = await call('PATCH', `${dataflow}/activations/${segment_id}`, {
    starts_at: '2999-01-02T00:00:00Z',
    ends_at: '2999-01-01T00:00:00Z',
  });
  expect(reversed.body.error.details[0].pointer).toBe('/ends_at');
  const ended = await use('DELETE', `${dataflow}/activations/${segment_id}`);
  expect(ended.items).toMatchObject([{ status: 'ended' }]);
  await until(async () => (await use('GET', dataflow)).counts.members === 0);
  await use('POST', `${dataflow}/activations`, { segment_id });
  await until(async () => isDeepStrictEqual((await use('GET', dataflow)).counts, counts));

  const { profile_id } = found.items[0];
  const crm = { namespace: 'crmid', value: '1' };
  const mail = { namespace: 'Email', value: 'NG@example.com' };
  const parted = await use('POST', '/api/v1/identity-graph/unlink', { identities: [crm, mail] });
  const [heldNow, freed] = parted.identities;
  expect([heldNow.profile_id, freed.profile_id, parted.connected]).toEqual([profile_id, null, false]);
  const drawn = await use('GET', `/api/v1/profiles/${profile_id}/identity-graph`);
  expect(drawn).toMatchObject({
    identities: [
      { namespace: 'CRMID', value: '1', id_type: 'CROSS_DEVICE', held: true },
      { namespace: 'Email', value: 'ng@example.com', id_type: 'EMAIL', held: false },
    ],
    links: [{ dataset_id, record_id: '1', batch_id: null, cut: 'unlinked' }],
  });
  const joined = await use('POST', '/api/v1/identity-graph/relink', { identities: [mail, crm] });
  expect(joined).toMatchObject({ connected: true, connected_by: [{ dataset_id, record_id: '1' }] });
  const relink = await call('POST', '/api/v1/identity-graph/relink', { identities: [mail, crm] });
  expect(relink.status).toBe(409);
  const same = await call('POST', '/api/v1/identity-graph/unlink', { identities: [mail, { ...mail }] });
  expect(same.body.error.details[0].pointer).toBe('/identities/1');
  const unknown = { namespace: 'Emial', value: 'secret@example.com' };
  const misspelt = await call('POST', '/api/v1/identity-graph/unlink', { identities: [crm, unknown] });
  expect(misspelt.body.error.details[0].pointer).toBe('/identities/1/namespace');
  expect(JSON.stringify(misspelt.body)).not.toContain('secret');
  const split = await use('POST', `/api/v1/profiles/${profile_id}/split`, { identities: [mail] });
  expect(split.identities).toHaveLength(2);
  const request = { at_destinations: 'delete' };
  const deletion = await use('POST', `/api/v1/profiles/${profile_id}/deletion`, request);
  expect((await call('POST', `/api/v1/profiles/${profile_id}/deletion`, request)).status).toBe(404);
  const seenTo = `/api/v1/profile-deletions/${deletion.profile_deletion_id}`;
  await until(async () => (await use('GET', seenTo)).status === 'completed');
  expect(await use('GET', seenTo)).toMatchObject({ fragments: 1, records: [{ outcome: 'deleted' }] });
  expect((await use('GET', '/api/v1/profile-deletions')).items).toHaveLength(1);
  expect((await call('GET', `/api/v1/profiles/${profile_id}`)).status).toBe(404);

  const { name } = await use('GET', `${dataflow}/deletion-preview`);
  await use('POST', `${dataflow}/deletion`, { confirm: name });
  const isGone = async () => (await call('GET', dataflow)).status === 404;
  await until(isGone);
  await use('DELETE', accountUrl);

  const audit = await rows<{ action: string; principal: string; subject_id: string | null; facts: object }>(
    api.database.pool,
    'select action, principal, subject_id, facts from audit_event order by audit_event_id',
  );
  const audited = new Set(audit.map(({ action }) => action));
  expect([...audited].sort()).toEqual(routeTable.flatMap((route) => route.audit?.action ?? []).sort());
  expect(audit.filter(({ action }) => action === 'account.create')).toHaveLength(1);
  expect(audit.every(({ principal: id, subject_id }) => id === localOwner.id && subject_id !== null)).toBe(
    true,
  );
  const everything = JSON.stringify(audit) + api.logged.join('') + JSON.stringify(account);
  for (const secret of ['open sesame', 'guess', token, 'ng@example.com'])
    expect(everything).not.toContain(secret);
}, 60_000);
