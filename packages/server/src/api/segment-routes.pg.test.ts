import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PeopleApi, startPeopleApi } from './people.fixture.ts';

let api: PeopleApi;
let ids: string[];
const dayMs = 86_400_000;

beforeAll(async () => {
  api = await startPeopleApi();
  ids = await api.ingest(
    api.crm,
    Array.from({ length: 40 }, (_, index) => ({
      personID: `C${index}`,
      loyalty: { points: index * 100 },
    })),
  );
  await api.ingest(
    api.orders,
    Array.from({ length: 20 }, (_, index) => ({
      _id: `o${index}`,
      timestamp: new Date(Date.now() - index * dayMs).toISOString(),
      eventType: 'commerce.purchases',
      commerce: { order: { priceTotal: 10.1 } },
      identityMap: { CRMID: [{ id: `C${index % 10}`, primary: true }] },
    })),
  );
});
afterAll(() => api.stop());

test('an estimate of few profiles is exact, and over events too', async () => {
  expect(await api.use('POST', '/segments/estimate', { expression: 'loyalty.points >= 1000' })).toEqual({
    size: 30,
    is_exact: true,
    confidence_interval: { low: 30, high: 30, level: 0.95 },
    profiles_read: 40,
    total: 40,
  });
  const sums = 'xEvent[eventType = "commerce.purchases"].sum(commerce.order.priceTotal) = 20.2';
  expect(await api.use('POST', '/segments/estimate', { expression: sums })).toMatchObject({ size: 10 });
  const found = await api.use('POST', '/profiles/filter', { expression: sums });
  expect(found.items.map((item: { profile_id: string }) => item.profile_id).sort()).toEqual(
    ids.slice(0, 10).toSorted(),
  );
  expect(await api.refuse('POST', '/segments/estimate', { expression: 'loyalty.pionts > 1' })).toMatchObject({
    status: 400,
    message: expect.stringContaining('loyalty.points'),
  });
});

test('a rule tried on a profile tells what each of its parts yields, and until when', async () => {
  const expression =
    'loyalty.points = 300 and exists E from xEvent where E.timestamp occurs <= 30 days before now';
  const answer = await api.use('POST', '/segments/test', { expression, profile_id: ids[3] });
  expect(answer).toMatchObject({ result: true, meaning: expect.stringContaining('in the last 30 days') });
  expect(Date.parse(answer.holds_until)).toBeGreaterThan(Date.parse(answer.evaluated_at));
  expect(answer.trace).toMatchObject({
    text: expression,
    value: true,
    children: [{ text: 'loyalty.points = 300', value: true }, { value: true }],
  });
  const other = await api.use('POST', '/segments/test', { expression, profile_id: ids[4] });
  // What was not needed is not there.
  expect(other).toMatchObject({ result: false, holds_until: null, trace: { children: [{ value: false }] } });
  const unknown = '00000000-0000-4000-8000-000000000abc';
  expect(await api.refuse('POST', '/segments/test', { expression, profile_id: unknown })).toMatchObject({
    status: 404,
  });
});

test('a rule is tried on whoever has an identity, and at another instant', async () => {
  const expression = 'xEvent.exists(timestamp occurs <= 30 days before now)';
  const named = { expression, identity: { namespace: 'CRMID', value: 'C3' } };
  expect(await api.use('POST', '/segments/test', named)).toMatchObject({ result: true });
  const now = new Date(Date.now() + 31 * dayMs).toISOString();
  expect(await api.use('POST', '/segments/test', { ...named, now })).toMatchObject({
    result: false,
    evaluated_at: now,
  });
  const nobody = { expression, identity: { namespace: 'CRMID', value: 'C999' } };
  expect(await api.refuse('POST', '/segments/test', nobody)).toMatchObject({ status: 404 });
  for (const wrong of [{ expression }, { ...named, profile_id: ids[3] }])
    expect(await api.refuse('POST', '/segments/test', wrong)).toMatchObject({ status: 400 });
});

test('an expression tells what it reads, how it changes with time, and what it costs', async () => {
  const validate = (expression: string) => api.use('POST', '/segments/validate', { expression });
  expect(await validate('loyalty.points > 5 and person.name.lastName = "X"')).toEqual({
    description: expect.any(String),
    reads: {
      fields: ['loyalty.points', 'person.name.lastName'],
      event_fields: [],
      lookback_days: null,
      segments: [],
    },
    changes_with_time: { at_instants: false, when_a_day_begins: false },
    evaluated_in: 'sql',
  });
  expect(
    await validate('xEvent[timestamp occurs < 7 days before now].sum(commerce.order.priceTotal) > 1'),
  ).toMatchObject({
    reads: { event_fields: ['_id', 'commerce.order.priceTotal', 'timestamp'], lookback_days: 7 },
    changes_with_time: { at_instants: true, when_a_day_begins: false },
    evaluated_in: 'javascript',
  });
  expect(await validate('person.birthDate.getMonth() = currentMonth()')).toMatchObject({
    changes_with_time: { when_a_day_begins: true },
  });
  expect(await validate('loyalty.points > 5 and person.name.lastName.matches("^A")')).toMatchObject({
    evaluated_in: 'sql_then_javascript',
  });
});

test('a segment of segments follows the one it looks at', async () => {
  const create = async (name: string, expression: string): Promise<string> => {
    const { segment_id } = await api.use('POST', '/segments', { name, expression });
    while ((await api.use('GET', `/segments/${segment_id}`)).evaluated_at === null) await delay(20);
    return segment_id;
  };
  const rich = await create('Rich', 'loyalty.points >= 3000');
  const richest = await create('Richest', `inSegment("${rich}") and loyalty.points >= 3500`);
  expect((await api.use('GET', `/segments/${richest}`)).meaning).toMatch(/^is in the segment "Rich" and /);
  const countOf = async (id: string) => (await api.use('GET', `/segments/${id}`)).counts.realized;
  expect([await countOf(rich), await countOf(richest)]).toEqual([10, 5]);
  await api.ingest(api.crm, [{ personID: 'C0', loyalty: { points: 9000 } }]);
  expect([await countOf(rich), await countOf(richest)]).toEqual([11, 6]);
  await api.ingest(api.crm, [{ personID: 'C0', loyalty: { points: 0 } }]);
  expect([await countOf(rich), await countOf(richest)]).toEqual([10, 5]);
  const unknown = await api.refuse('POST', '/segments', { name: 'Lost', expression: 'inSegment("nobody")' });
  expect(unknown.message).toContain('segment');
});

test('an edit of a published segment shows how far it is, and takes force at once', async () => {
  const { segment_id } = await api.use('POST', '/segments', {
    name: 'Edited',
    expression: 'loyalty.points >= 3000',
  });
  const path = `/segments/${segment_id}`;
  while ((await api.use('GET', path)).evaluated_at === null) await delay(20);
  expect(await api.use('GET', path)).toMatchObject({ edited_expression: null, edit: null });
  const edited = await api.use('PATCH', path, { expression: 'loyalty.points < 500' });
  expect(edited).toMatchObject({
    expression: 'loyalty.points >= 3000',
    edited_expression: 'loyalty.points < 500',
    state: 'published',
  });
  for (
    let now = await api.use('GET', path);
    now.edited_expression !== null;
    now = await api.use('GET', path)
  ) {
    expect(now.edit).toMatchObject({
      meaning: expect.stringContaining('less than 500'),
      evaluation: { segment_id, percent_done: expect.any(Number) },
    });
    expect(now.counts.realized).toBe(10);
    await delay(5);
  }
  expect(await api.use('GET', path)).toMatchObject({
    expression: 'loyalty.points < 500',
    edit: null,
    counts: { realized: 5, exited: 10 },
  });
  expect(await api.refuse('PATCH', path, { expression: `inSegment("${segment_id}")` })).toMatchObject({
    status: 400,
    message: expect.stringContaining('"Edited" looks at "Edited"'),
  });
});

test('of an edit a dataflow hears who enters and who leaves, and nothing of anybody else', async () => {
  const people = Array.from({ length: 30 }, (_, index) => ({
    personID: `P${index}`,
    personalEmail: { address: `p${index}@example.com` },
    person: { name: { lastName: `Person ${index}` } },
    loyalty: { points: 10_000 + index },
  }));
  await api.ingest(api.crm, people);
  const { segment_id } = await api.use('POST', '/segments', {
    name: 'Sent',
    expression: 'loyalty.points >= 10020',
  });
  const path = `/segments/${segment_id}`;
  while ((await api.use('GET', path)).evaluated_at === null) await delay(20);
  const dataflow = await api.activate('Of edits', segment_id);
  const countsOf = async () => (await api.use('GET', `/dataflows/${dataflow}`)).counts;
  const settled = async () => {
    while ((await countsOf()).pending > 0) await delay(20);
  };
  await settled();
  expect(await countsOf()).toMatchObject({ members: 10, activated: 10 });
  const [run] = (await api.use('GET', `/dataflows/${dataflow}/runs`)).items;

  await api.use('PATCH', path, { expression: 'loyalty.points >= 10010 and loyalty.points < 10025' });
  while ((await countsOf()).members !== 15) await delay(20);
  await settled();
  expect(await countsOf()).toMatchObject({ members: 15, activated: 15, failed: 0 });
  const runs = (await api.use('GET', `/dataflows/${dataflow}/runs`)).items;
  const received = runs.reduce((sum: number, one: { received: number }) => sum + one.received, 0);
  expect(received - run.received).toBe(10);
  const exited = (await api.use('GET', `/dataflows/${dataflow}/records?status=exited`)).items;
  expect(exited).toHaveLength(5);
});

test('members are found by status and by the beginning of an identity', async () => {
  const { segment_id } = await api.use('POST', '/segments', {
    name: 'Searched',
    expression: 'loyalty.points < 1000',
  });
  const path = `/segments/${segment_id}`;
  const evaluated = async () => {
    while ((await api.use('GET', path)).evaluation.status !== 'SUCCEEDED') await delay(10);
  };
  await evaluated();
  const members = async (query: string): Promise<string[]> =>
    (await api.use('GET', `${path}/members?${query}`)).items.map(
      (item: { profile_id: string; status: string }) => `${item.status} ${ids.indexOf(item.profile_id)}`,
    );
  expect((await members('')).sort()).toEqual(Array.from({ length: 10 }, (_, index) => `realized ${index}`));
  expect(await members('identity=C3')).toEqual(['realized 3']);
  expect(await members('identity=C')).toEqual([]);
  expect((await members('identity=C1')).sort()).toEqual(['realized 1']);

  // Another evaluation over everyone: who was in before it is existing.
  await delay(5);
  await api.use('POST', `${path}/evaluate`);
  await evaluated();
  await api.ingest(api.crm, [
    { personID: 'C4', loyalty: { points: 5_000 } },
    { personID: 'C20', loyalty: { points: 1 } },
  ]);
  expect((await members('status=realized')).sort()).toEqual(['realized 20']);
  expect(await members('status=exited')).toEqual(['exited 4']);
  expect(await members('status=existing')).toHaveLength(9);
  expect(await members('status=existing&identity=C3')).toEqual(['existing 3']);
  expect(await members('')).toHaveLength(10);
  expect((await api.use('GET', path)).counts).toEqual({ realized: 1, existing: 9, exited: 1 });
  const [profile] = (await api.use('GET', '/profiles?namespace=CRMID&value=C3')).items;
  expect(profile.segments).toContainEqual(expect.objectContaining({ segment_id, status: 'existing' }));
  const first = await api.use('GET', `${path}/members?status=existing&limit=4`);
  const rest = await api.use('GET', `${path}/members?status=existing&after=${first.next_after}`);
  expect([first.items.length, rest.items.length, rest.next_after]).toEqual([4, 5, null]);
});
