import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi } from './api.fixture.ts';

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  api = await startApi();
  await use('POST', '/api/v1/identity-namespaces', { code: 'CRMID', title: 'CRM', id_type: 'CROSS_DEVICE' });
});
afterAll(() => api.stop());

const call: (typeof api)['call'] = (...request) => api.call(...request);
const use: (typeof api)['use'] = (...request) => api.use(...request);

let names = 0;
const newName = (what: string): string => `${what} ${++names}`;
const profileClass = 'xdm.individual-profile';
const groupOf = (properties: object, rest: object = {}) => ({
  title: newName('Group'),
  class_ids: [profileClass],
  json_schema: { type: 'object', properties },
  ...rest,
});
const schemaOf = (fieldGroupIds: readonly string[], rest: object = {}) => ({
  name: newName('Schema'),
  class_id: profileClass,
  field_group_ids: fieldGroupIds,
  identities: [{ path: 'personID', namespace: 'CRMID', primary: true }],
  ...rest,
});
const newDataset = async (schemaId: string) => {
  const dataset = await use('POST', '/api/v1/datasets', { name: newName('Dataset'), schema_id: schemaId });
  return `/api/v1/datasets/${dataset.dataset_id}/records`;
};
const group = (id: string) => `/api/v1/field-groups/${id}`;
const schema = (id: string) => `/api/v1/schemas/${id}`;

test('records are checked by custom fields, also by those added while records flow', async () => {
  const fields = {
    stay: {
      type: 'object',
      properties: {
        nights: { type: 'integer', 'meta:xdmType': 'byte', minimum: 1 },
        room: { type: 'string', pattern: '^[0-9]{1,4}$' },
        board: { type: 'string', enum: ['none', 'half', 'full'] },
        arrival: { type: 'string', format: 'date' },
        guests: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
        extras: { type: 'object', additionalProperties: { type: 'number' } },
      },
    },
  };
  const created = await use('POST', '/api/v1/field-groups', groupOf(fields, { title: 'Hotel stay' }));
  expect(created).toMatchObject({
    field_group_id: 'custom.hotel-stay',
    standard: false,
    system_written: false,
  });
  const { schema_id } = await use('POST', '/api/v1/schemas', schemaOf(['custom.hotel-stay']));
  const records = await newDataset(schema_id);
  const stay = {
    nights: 3,
    room: '12',
    board: 'half',
    arrival: '2025-02-28',
    guests: [{ name: 'Ng' }],
    extras: { spa: 12.5 },
  };
  expect((await use('POST', records, { personID: 'h1', stay })).ingested).toBe(1);
  const wrong = {
    nights: 200,
    room: 'x',
    board: 'all',
    arrival: '2025-02-30',
    guests: [1],
    extras: { spa: 'y' },
  };
  const refused = await call('POST', records, { personID: 'h2', stay: wrong });
  expect(refused.status).toBe(400);
  expect(refused.body.error.details.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
    '/stay/arrival',
    '/stay/board',
    '/stay/extras/spa',
    '/stay/guests/0',
    '/stay/nights',
    '/stay/room',
  ]);

  const parking = { personID: 'h3', stay: { ...stay, parking: true } };
  expect((await call('POST', records, parking)).status).toBe(400);
  const { properties } = created.json_schema;
  const more = {
    stay: { ...properties.stay, properties: { ...properties.stay.properties, parking: { type: 'boolean' } } },
  };
  await use('PUT', group('custom.hotel-stay'), groupOf(more, { title: 'Hotel stay' }));
  await expect.poll(async () => (await call('POST', records, parking)).status, { timeout: 5_000 }).toBe(200);

  const expression = 'stay.parking and stay.nights >= 3';
  await use('POST', '/api/v1/segments/validate', { expression });
});

test('an export makes the same field group again, and a schema is exported for other tools', async () => {
  const created = await use(
    'POST',
    '/api/v1/field-groups',
    groupOf({
      pet: { type: 'object', title: 'Pet', properties: { name: { type: 'string', maxLength: 20 } } },
    }),
  );
  const exported = (await use('GET', group(created.field_group_id))).json_schema;
  const again = await use('POST', '/api/v1/field-groups', { title: newName('Again'), json_schema: exported });
  expect(again.json_schema.properties).toEqual(exported.properties);
  expect(again.class_ids).toEqual(created.class_ids);
  const { schema_id } = await use('POST', '/api/v1/schemas', schemaOf([again.field_group_id]));
  expect((await use('GET', schema(schema_id))).json_schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    'meta:class': 'https://ns.adobe.com/xdm/context/profile',
    properties: { pet: exported.properties.pet, personID: { type: 'string', 'meta:xdmType': 'string' } },
  });
  const renamed = { ...again.json_schema, title: newName('Renamed') };
  expect(await use('PUT', group(again.field_group_id), { json_schema: renamed })).toMatchObject({
    field_group_id: again.field_group_id,
    title: renamed.title,
    class_ids: again.class_ids,
  });
  const standard = await use('GET', group('xdm.loyalty-details'));
  expect(standard).toMatchObject({ standard: true, created_at: null });
});

test('promise 11: what JSON Schema says and a field cannot keep is refused pointer by pointer', async () => {
  const faulty = groupOf({
    a: { type: 'string', format: 'ipv6' },
    b: { oneOf: [] },
    'c d': { type: 'string' },
  });
  const { status, body } = await call('POST', '/api/v1/field-groups', faulty);
  expect(status).toBe(400);
  expect(body.error.details.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    '/json_schema/properties',
    '/json_schema/properties/a/format',
    '/json_schema/properties/b',
    '/json_schema/properties/b',
  ]);
  expect((await call('POST', '/api/v1/field-groups', groupOf({}))).status).toBe(400);
  const json_schema = { properties: { a: { type: 'string' } } };
  for (const [definition, pointer] of [
    [{ json_schema }, '/title'],
    [{ title: ' x', json_schema }, '/class_ids'],
  ] as const)
    expect((await call('POST', '/api/v1/field-groups', definition)).body.error.details).toMatchObject([
      { pointer },
    ]);
});

describe('clashes are refused, naming both', () => {
  test('with a standard field, whether anybody uses it or not', async () => {
    const points = groupOf({ loyalty: { type: 'object', properties: { points: { type: 'string' } } } });
    const { status, body } = await call('POST', '/api/v1/field-groups', points);
    expect(status).toBe(400);
    expect(body.error.message).toContain(
      'loyalty.points as string, but "Loyalty Details" defines it as number',
    );
  });

  test('between schemas when the second is enabled for Profile, and when a group grows', async () => {
    const [a, b] = [groupOf({ size: { type: 'string' } }), groupOf({ size: { type: 'number' } })];
    const first = (await use('POST', '/api/v1/field-groups', a)).field_group_id;
    const second = (await use('POST', '/api/v1/field-groups', b)).field_group_id;
    await use('POST', '/api/v1/schemas', schemaOf([first]));
    const clashing = schemaOf([second]);
    const refused = await call('POST', '/api/v1/schemas', clashing);
    expect(refused.status).toBe(400);
    for (const title of [a.title, b.title]) expect(refused.body.error.message).toContain(title);
    const { schema_id } = await use('POST', '/api/v1/schemas', { ...clashing, enabled_for_profile: false });
    const enabling = await call('PATCH', schema(schema_id), { enabled_for_profile: true });
    expect(enabling.body.error.message).toContain('enabled for Profile: ');
    expect(enabling.body.error.details).toMatchObject([{ pointer: '/field_group_ids' }]);

    const c = groupOf({ colour: { type: 'string' } });
    const third = (await use('POST', '/api/v1/field-groups', c)).field_group_id;
    await use('POST', '/api/v1/schemas', schemaOf([third]));
    const growing = {
      ...c,
      json_schema: { properties: { colour: { type: 'string' }, size: { type: 'boolean' } } },
    };
    const grown = await call('PUT', group(third), growing);
    expect(grown.status).toBe(400);
    for (const title of [a.title, c.title]) expect(grown.body.error.message).toContain(title);
    expect((await use('GET', group(third))).fields).toEqual(['colour']);
  });

  test('two at once: one of them is refused', async () => {
    const ids: string[] = [];
    for (const type of ['string', 'number'])
      ids.push((await use('POST', '/api/v1/field-groups', groupOf({ weight: { type } }))).field_group_id);
    const answers = await Promise.all(ids.map((id) => call('POST', '/api/v1/schemas', schemaOf([id]))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400]);
  });

  test('titles are unique whatever their case, ids differ', async () => {
    const { title } = await use(
      'POST',
      '/api/v1/field-groups',
      groupOf({ q1: { type: 'string' } }, { title: 'Côte d’Azur' }),
    );
    const taken = await call(
      'POST',
      '/api/v1/field-groups',
      groupOf({ q2: { type: 'string' } }, { title: title.toUpperCase() }),
    );
    expect(taken.status).toBe(409);
    const other = await use(
      'POST',
      '/api/v1/field-groups',
      groupOf({ q2: { type: 'string' } }, { title: 'Cote d.Azur' }),
    );
    expect(other.field_group_id).toBe('custom.cote-d-azur-2');
    const foreign = await use(
      'POST',
      '/api/v1/field-groups',
      groupOf({ q3: { type: 'string' } }, { title: '顧客' }),
    );
    expect(foreign.field_group_id).toMatch(/^custom\.[0-9a-f]{8}$/);
  });
});

describe('evolution: what is in use only grows', () => {
  test('a field group', async () => {
    const definition = groupOf({ hat: { type: 'string', maxLength: 9 }, cap: { type: 'string' } });
    const { field_group_id } = await use('POST', '/api/v1/field-groups', definition);
    const { schema_id } = await use('POST', '/api/v1/schemas', schemaOf([field_group_id]));
    const put = (json_schema: object) => call('PUT', group(field_group_id), { ...definition, json_schema });
    const hat = { type: 'string', maxLength: 9 };
    const cap = { type: 'string' };
    expect((await put({ properties: { hat, cap, scarf: cap }, required: ['scarf'] })).status).toBe(200);
    await use('POST', await newDataset(schema_id), { personID: 'e1', scarf: 'red' });
    const refused = await put({
      properties: { hat: { type: 'string', maxLength: 5 }, scarf: cap, glove: cap },
      required: ['scarf', 'glove'],
    });
    expect(refused.status).toBe(409);
    expect(refused.body.error.details).toMatchObject([
      { pointer: '/json_schema/properties/hat/maxLength', keyword: 'maxLength' },
      { pointer: '/json_schema/properties/cap', keyword: 'removed' },
      { pointer: '/json_schema/required', keyword: 'required', message: expect.stringContaining('glove') },
    ]);
    expect((await put({ properties: { hat, cap, scarf: cap } })).status).toBe(200);
    expect(
      (await call('PUT', group(field_group_id), { ...definition, class_ids: ['xdm.experience-event'] })).body
        .error.details,
    ).toContainEqual(expect.objectContaining({ pointer: '/class_ids' }));
    const included = await call('DELETE', group(field_group_id));
    expect(included).toMatchObject({ status: 409 });
    expect(included.body.error.message).toContain('is part of');
    expect((await call('DELETE', group('xdm.loyalty-details'))).body.error.message).toContain(
      'comes with Headrace',
    );
  });

  test('a schema', async () => {
    const { schema_id } = await use(
      'POST',
      '/api/v1/schemas',
      schemaOf(['xdm.personal-contact-details'], { enabled_for_profile: false, description: 'Before.' }),
    );
    const patch = (change: object) => call('PATCH', schema(schema_id), change);
    const crm = { path: 'personID', namespace: 'CRMID', primary: true };
    const mail = { path: 'personalEmail.address', namespace: 'Email', primary: false };
    expect(await use('GET', schema(schema_id))).toMatchObject({
      enabled_for_profile: false,
      enabled_for_profile_at: null,
    });
    // Nothing was ingested yet: whose a record is may still be decided.
    await use('PATCH', schema(schema_id), {
      identities: [{ ...mail, primary: true }],
      name: newName('Renamed'),
    });
    await use('PATCH', schema(schema_id), { identities: [crm], enabled_for_profile: true });
    await use('POST', await newDataset(schema_id), { personID: 's1' });

    const grown = await use('PATCH', schema(schema_id), {
      field_group_ids: ['xdm.personal-contact-details', 'xdm.loyalty-details'],
      identities: [crm, mail],
      description: 'After.',
      enabled_for_profile: true,
    });
    expect(grown).toMatchObject({
      description: 'After.',
      enabled_for_profile: true,
      identities: [crm, mail],
    });
    for (const [change, pointer, message] of [
      [{ field_group_ids: ['xdm.loyalty-details'] }, '/field_group_ids', 'would be removed'],
      [{ enabled_for_profile: false }, '/enabled_for_profile', 'cannot be taken back'],
      [{ identities: [crm] }, '/identities', '"personalEmail.address" (Email) is an identity of records'],
      [{ identities: [{ ...crm, primary: false }, mail] }, '/identities', 'the primary identity of records'],
    ] as const) {
      const { status, body } = await patch(change);
      expect([status, body.error.details[0].pointer]).toEqual([409, pointer]);
      expect(body.error.message).toContain(message);
    }
    expect((await patch({ name: grown.name })).status).toBe(200);
    const other = await use('POST', '/api/v1/schemas', schemaOf([]));
    expect((await patch({ name: other.name })).status).toBe(409);
    expect((await call('DELETE', schema(schema_id))).body.error.message).toContain(
      'Delete these datasets first',
    );
    expect((await call('DELETE', schema(other.schema_id))).body.error.message).toContain(
      'enabled for Profile',
    );
  });

  test('the union holds only what is enabled for Profile', async () => {
    const { field_group_id } = await use(
      'POST',
      '/api/v1/field-groups',
      groupOf({ shoe: { type: 'string' } }),
    );
    const { schema_id } = await use(
      'POST',
      '/api/v1/schemas',
      schemaOf([field_group_id], { enabled_for_profile: false }),
    );
    const expression = 'shoe = "red"';
    const check = async () => (await call('POST', '/api/v1/segments/validate', { expression })).body;
    const before = JSON.stringify(await check());
    expect(before).toContain('no field shoe');
    await use('PATCH', schema(schema_id), { enabled_for_profile: true });
    expect(JSON.stringify(await check())).not.toContain('no field shoe');
  });
});

test('memberships are listed as a field group, and no record may carry them', async () => {
  const { items } = await use('GET', '/api/v1/field-groups');
  expect(items).toContainEqual(
    expect.objectContaining({
      field_group_id: 'xdm.segment-membership-details',
      system_written: true,
      standard: true,
    }),
  );
  const { schema_id } = await use('POST', '/api/v1/schemas', schemaOf(['xdm.segment-membership-details']));
  const refused = await call('POST', await newDataset(schema_id), {
    personID: 'm1',
    segmentMembership: { ups: {} },
  });
  expect(refused.body.error.details).toEqual([
    {
      pointer: '/segmentMembership',
      keyword: 'readOnly',
      message: '"segmentMembership" is written by Headrace only. Leave it out of the record.',
    },
  ]);
  const inUnion = await use('GET', '/api/v1/schemas/union/fields?search=segmentMembership');
  expect(inUnion.items).toEqual([]);
  const [field] = (await use('GET', `${schema(schema_id)}/fields?search=segmentMembership`)).items;
  expect(field).toMatchObject({ read_only: true, type: 'map' });
});

test('identities: what stands for nobody, stands in a list, or is not known cannot be one', async () => {
  await use('POST', '/api/v1/identity-namespaces', {
    code: 'StoreID',
    title: 'Stores',
    id_type: 'NON_PEOPLE',
  });
  const identities = [
    { path: 'personID', namespace: 'StoreID', primary: true },
    { path: 'loyalty.loyaltyID.x', namespace: 'CRMID' },
    { path: 'personalEmail.adress', namespace: 'Emial' },
  ];
  const groups = ['xdm.loyalty-details', 'xdm.personal-contact-details'];
  const { status, body } = await call('POST', '/api/v1/schemas', schemaOf(groups, { identities }));
  expect(status).toBe(400);
  expect(body.error.details).toMatchObject([
    { pointer: '/identities/0/primary', message: expect.stringContaining('stand for nobody') },
    { pointer: '/identities/1/path', message: expect.stringContaining('in a list') },
    { pointer: '/identities/2/path', message: expect.stringContaining('"personalEmail.address"') },
    { pointer: '/identities/2/namespace', message: expect.stringContaining('"Email"') },
  ]);
});

test('labels are set by path, inherited by what lies below, and found with the fields', async () => {
  const labels = { person: ['I2'], 'person.name': ['I1'] };
  const { schema_id } = await use(
    'POST',
    '/api/v1/schemas',
    schemaOf(['xdm.demographic-details'], { labels }),
  );
  const find = async (search: string) =>
    (await use('GET', `${schema(schema_id)}/fields?search=${search}`)).items[0];
  expect((await find('lastName')).labels).toEqual(['I1', 'I2']);
  expect((await find('birthYear')).labels).toEqual(['I2']);
  await use('PUT', `${schema(schema_id)}/labels`, { labels: { 'person.birthYear': ['S2', 'Board_only'] } });
  expect((await find('birthYear')).labels).toEqual(['Board_only', 'S2']);
  expect((await find('lastName')).labels).toEqual([]);
  expect((await use('GET', schema(schema_id))).labels).toEqual({ 'person.birthYear': ['S2', 'Board_only'] });
  const wrong = await call('PUT', `${schema(schema_id)}/labels`, { labels: { 'person.nmae': ['i1'] } });
  expect(wrong.body.error.details).toEqual([
    { pointer: '/labels/person.nmae/0', message: 'Labels differ by case. Did you mean "I1"?' },
    {
      pointer: '/labels/person.nmae',
      message: 'The schema has no field "person.nmae". Did you mean "person.name"?',
    },
  ]);
});

test('fields are found by path, title and type, with where they come from, page by page', async () => {
  const created = await use(
    'POST',
    '/api/v1/field-groups',
    groupOf({
      score: { type: 'integer', 'meta:xdmType': 'short', title: 'Risk', description: 'Of leaving.' },
    }),
  );
  const { schema_id, name } = await use(
    'POST',
    '/api/v1/schemas',
    schemaOf([created.field_group_id, 'xdm.personal-contact-details']),
  );
  const [risk] = (await use('GET', '/api/v1/schemas/union/fields?search=risk&type=integer')).items;
  expect(risk).toEqual({
    path: 'score',
    title: 'Risk',
    description: 'Of leaving.',
    type: 'integer',
    xdm_type: 'short',
    read_only: false,
    labels: [],
    schemas: [{ schema_id, name }],
    field_groups: [{ field_group_id: created.field_group_id, title: created.title }],
  });
  const typo = await use('GET', `${schema(schema_id)}/fields?search=mobilPhne`);
  expect(typo.items.map(({ path }: { path: string }) => path)).toContain('mobilePhone.number');

  const all = await use('GET', `${schema(schema_id)}/fields?limit=1000`);
  const paged: unknown[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const query = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
    const page: { items: object[]; next_after: string | null } = await use(
      'GET',
      `${schema(schema_id)}/fields?limit=7${query}`,
    );
    expect(page.items.length).toBeLessThanOrEqual(7);
    paged.push(...page.items);
    after = page.next_after;
  }
  expect(paged).toEqual(all.items);
});

test('namespaces: one title each, which can change; code, type and existence cannot', async () => {
  const url = '/api/v1/identity-namespaces';
  const loyalty = { code: 'LoyaltyNo', title: 'Loyalty', id_type: 'CROSS_DEVICE' };
  expect(await use('POST', url, loyalty)).toMatchObject({
    standard: false,
    normalisation: 'Trimmed; case matters.',
  });
  expect((await call('POST', url, { ...loyalty, code: 'Other' })).body.error.message).toContain(
    'LoyaltyNo has the title',
  );
  expect((await call('POST', url, { ...loyalty, code: 'Other', title: 'e-MAIL' })).status).toBe(409);
  expect(await use('PATCH', `${url}/loyaltyno`, { title: 'LOYALTY' })).toMatchObject({
    code: 'LoyaltyNo',
    title: 'LOYALTY',
  });
  expect((await call('PATCH', `${url}/LoyaltyNo`, { title: 'CRM' })).status).toBe(409);
  expect((await call('PATCH', `${url}/LoyaltyNo`, { id_type: 'EMAIL' })).status).toBe(400);
  expect((await call('PATCH', `${url}/Email`, { title: 'Mail' })).body.error.message).toContain(
    'comes with Headrace',
  );
  expect((await call('PATCH', `${url}/Nobody`, { title: 'Mail' })).status).toBe(404);
  const kept = await call('DELETE', `${url}/LoyaltyNo`);
  expect([kept.status, kept.body.error.message]).toEqual([409, expect.stringContaining('cannot be deleted')]);
  const { items } = await use('GET', url);
  expect(items.find(({ code }: { code: string }) => code === 'Phone').normalisation).toContain('E.164');
});

test('the platform\u2019s own document of a field group is read', async () => {
  const document = JSON.parse(await readFile(new URL('./field-group.example.json', import.meta.url), 'utf8'));
  const created = await use('POST', '/api/v1/field-groups', { json_schema: document });
  expect(created).toMatchObject({ title: 'Loyalty Member Details', class_ids: [profileClass] });
  expect(created.fields).toEqual(['member.level', 'member.since', 'member.partners', 'member.balances']);
});
