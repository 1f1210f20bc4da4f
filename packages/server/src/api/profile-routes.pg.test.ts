import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { permissions } from '@headrace/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { localOwner } from '../access/owner.ts';
import { rows } from '../store/database.ts';
import { until } from './api.fixture.ts';
import { type PeopleApi, startPeopleApi } from './people.fixture.ts';

let api: PeopleApi;
let crm: string;
let shop: string;
let orders: string;

beforeAll(async () => {
  api = await startPeopleApi();
  ({ crm, shop, orders } = api);
});
afterAll(() => api.stop());
afterEach(() => api.actAs(localOwner));

const use: PeopleApi['use'] = (...request) => api.use(...request);
const refuse: PeopleApi['refuse'] = (...request) => api.refuse(...request);
const ingest = (datasetId: string, ...records: object[]) => api.ingest(datasetId, records);

const customer = (id: string, email: string, first: string, last: string, points: number, day: number) => ({
  personID: id,
  personalEmail: { address: email },
  person: { name: { firstName: first, lastName: last } },
  loyalty: { points },
  extSourceSystemAudit: { lastUpdatedDate: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z` },
});
const shopper = (email: string, day: number, more: object) => ({
  personalEmail: { address: email },
  extSourceSystemAudit: { lastUpdatedDate: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z` },
  ...more,
});
const order = (id: string, email: string, at: string, eventType = 'commerce.purchases') => ({
  _id: id,
  timestamp: at,
  eventType,
  identityMap: { Email: [{ id: email, primary: true }] },
});
const profileOf = async (email: string, query = '') =>
  (await use('GET', `/profiles?namespace=Email&value=${encodeURIComponent(email)}${query}`)).items[0];

describe('looking up', () => {
  test('by an identity as any source writes it, in a namespace or in any', async () => {
    const [id] = await ingest(crm, customer('L-1', 'Lea@Example.com', 'Lea', 'Look', 1, 1));
    for (const query of [
      'namespace=Email&value=%20LEA@example.COM',
      'value=lea@example.com',
      'namespace=crmid&value=L-1',
      'value=L-1',
    ]) {
      const { items } = await use('GET', `/profiles?${query}`);
      expect(items.map(({ profile_id }: { profile_id: string }) => profile_id)).toEqual([id]);
    }
    expect((await use('GET', '/profiles?value=nobody')).items).toEqual([]);
    await use('GET', `/profiles/${id}`);
  });

  test('is refused without the value, in the answer and in the log', async () => {
    const secret = 'not an address of anyone';
    const refused = await refuse('GET', `/profiles?namespace=Email&value=${encodeURIComponent(secret)}`);
    expect(refused).toMatchObject({ status: 400, code: 'invalid_input', details: [{ pointer: '/value' }] });
    expect(JSON.stringify(refused) + api.logged.join()).not.toContain(secret);
    expect(await refuse('GET', '/profiles?namespace=Nope&value=x')).toMatchObject({
      details: [{ pointer: '/namespace' }],
    });
    expect(await refuse('GET', '/profiles?value=%20')).toMatchObject({ details: [{ pointer: '/value' }] });
    expect(await refuse('GET', `/profiles/${randomUUID()}`)).toMatchObject({ status: 404 });
  });
});

describe('the merged view', () => {
  test('shows where each value is from, over people that were merged', async () => {
    const [first] = await ingest(crm, customer('V-1', 'vic@example.com', 'Vic', 'View', 10, 2));
    const [second] = await ingest(crm, customer('V-2', 'vic2@example.com', 'Victor', 'View', 20, 1));
    expect(second).not.toBe(first);
    // A record that knows both.
    await ingest(crm, { ...customer('V-2', 'vic@example.com', 'Victor', 'View', 30, 4) });
    await ingest(shop, shopper('vic@example.com', 3, { person: { gender: 'male' } }));
    const view = await profileOf('vic2@example.com');
    const merged = view.profile_id === first ? second : first;
    for (const path of ['', '/events', '/history', '/identity-graph', '/activations'])
      expect(await refuse('GET', `/profiles/${merged}${path}`)).toMatchObject({
        status: 404,
        details: [{ keyword: 'profile_merged' }],
        message: expect.stringContaining(view.profile_id),
      });
    expect(view.document).toMatchObject({
      person: { name: { firstName: 'Victor', lastName: 'View' }, gender: 'male' },
      loyalty: { points: 30 },
      identityMap: {
        CRMID: [{ id: 'V-1' }, { id: 'V-2' }],
        Email: [{ id: 'vic2@example.com' }, { id: 'vic@example.com' }],
      },
    });
    const sources = new Map<string, { dataset_id: string; value: string; stamp: string }>(
      view.provenance.map((source: { pointer: string }) => [source.pointer, source]),
    );
    expect(sources.get('/person/name/firstName')).toMatchObject({
      dataset_id: crm,
      namespace: 'CRMID',
      value: 'V-2',
      record_id: 'V-2',
      batch_id: null,
      stamp: '2026-01-04T00:00:00.000Z',
    });
    expect(sources.get('/person/gender')).toMatchObject({ dataset_id: shop, value: 'vic@example.com' });
    expect(sources.get('/identityMap/CRMID/0')).toMatchObject({ value: 'V-1' });
    expect(view).toMatchObject({
      merge_policy_id: '00000000-0000-4000-8000-000000000001',
      fragments: { length: 3 },
    });

    // Without an identity graph: the records of one identity alone.
    const { merge_policy_id } = await use('POST', '/merge-policies', {
      name: 'No stitching',
      identity_graph: { type: 'none' },
      attribute_merge: { type: 'timestampOrdered' },
    });
    const alone = await profileOf('vic@example.com', `&merge_policy_id=${merge_policy_id}`);
    expect(alone.document).toMatchObject({ person: { gender: 'male' } });
    expect(alone.document.loyalty).toBeUndefined();
    expect(alone.fragments).toHaveLength(1);
    const by = `/profiles/${view.profile_id}?merge_policy_id=${merge_policy_id}`;
    expect((await use('GET', `${by}&namespace=CRMID&value=V-1`)).document).toMatchObject({
      loyalty: { points: 10 },
    });
    expect(await refuse('GET', by)).toMatchObject({ status: 400, details: [{ pointer: '/value' }] });
    expect(await refuse('GET', `${by}&value=V-1`)).toMatchObject({ details: [{ pointer: '/namespace' }] });
    expect(await refuse('GET', `/profiles/${view.profile_id}?merge_policy_id=${randomUUID()}`)).toMatchObject(
      { status: 404 },
    );
    await use('DELETE', `/merge-policies/${merge_policy_id}`);
  });

  test('tells segments with status and time, and what became of the person at each dataflow', async () => {
    const [id] = await ingest(crm, customer('A-1', 'act@example.com', 'Act', 'Ivated', 777, 1));
    const expression = 'loyalty.points = 777';
    const { segment_id } = await use('POST', '/segments', { name: 'Sevens', expression });
    while ((await use('GET', `/segments/${segment_id}`)).evaluated_at === null) await delay(20);
    const activations = async () => (await use('GET', `/profiles/${id}/activations`)).items;
    expect(await activations()).toEqual([]);
    const dataflow_id = await api.activate('Contacts', segment_id);
    await until(async () => (await activations())[0]?.status === 'activated');
    expect(await activations()).toEqual([
      {
        dataflow_id,
        name: 'Contacts',
        segment_ids: [segment_id],
        status: 'activated',
        reason: null,
        record_id: expect.any(String),
        superseded_record_ids: [],
        superseded_records: [],
        attempts: 0,
        due_at: null,
        settled_at: expect.any(String),
      },
    ]);
    // A record replaces the earlier one: this opts out, the next has no points.
    const record = customer('A-1', 'act@example.com', 'Act', 'Ivated', 777, 2);
    await ingest(crm, { ...record, consents: { marketing: { email: { val: 'n' } } } });
    await until(async () => (await activations())[0]?.status === 'excluded');
    expect(await activations()).toMatchObject([
      {
        record_id: expect.any(String),
        reason: {
          code: 'consent_withdrawn',
          meaning: 'The person opted out of marketing.',
          remedy: expect.stringContaining('agrees again'),
        },
      },
    ]);
    await ingest(crm, customer('A-1', 'act@example.com', 'Act', 'Ivated', 1, 3));
    expect((await use('GET', `/profiles/${id}`)).segments).toEqual([
      { segment_id, name: 'Sevens', status: 'exited', last_qualification_time: expect.any(String) },
    ]);
    expect(await activations()).toMatchObject([{ segment_ids: [], status: 'exited' }]);
    expect((await use('GET', `/profiles/${id}/segment-history`)).items).toEqual([
      { segment_id, status: 'realized', since: expect.any(String), until: expect.any(String) },
    ]);
    expect(await refuse('GET', `/profiles/${randomUUID()}/activations`)).toMatchObject({ status: 404 });
  });
});

describe('searching', () => {
  type Found = { name: string; matched: string; value: string | null };
  const search = async (text: string): Promise<Found[]> =>
    (await use('GET', `/profiles/search?text=${encodeURIComponent(text)}`)).items;

  test('identities first, whole or begun, then names whatever case and accents', async () => {
    await ingest(
      crm,
      customer('SRCH-100', 'mueller@example.com', 'Änne', 'Müller', 1, 1),
      customer('SRCH-200', 'lee@example.com', 'Ann', 'O\'Lee_"Jr\\', 1, 1),
      customer('SRCH-300', 'anna.other@example.com', 'Zoë', 'Nobody', 1, 1),
    );
    const names = (found: Found[]) => found.map(({ name }) => name);
    expect(await search(' MUELLER@example.com ')).toMatchObject([
      { name: 'Änne Müller', matched: 'identity', namespace: 'Email', value: 'mueller@example.com' },
    ]);
    expect(await search('SRCH-')).toMatchObject([
      { matched: 'identity_prefix', value: 'SRCH-100' },
      { matched: 'identity_prefix', value: 'SRCH-200' },
      { matched: 'identity_prefix', value: 'SRCH-300' },
    ]);
    for (const text of ['muller', 'MÜLLER', 'anne mull', 'Änne'])
      expect(await search(text)).toMatchObject([{ name: 'Änne Müller', matched: 'name', value: null }]);
    expect(names(await search('zoe'))).toEqual(['Zoë Nobody']);
    for (const text of ["o'lee", 'lee_"', 'jr\\', 'ann lee_'])
      expect(names(await search(text))).toEqual(['Ann O\'Lee_"Jr\\']);
    // A beginning of an address goes before a name.
    expect((await search('ann')).map(({ matched }) => matched)).toEqual(['identity_prefix', 'name', 'name']);
    for (const text of ['%', '_x', 'firstName', 'lee@example.org', "x'; drop table profile"])
      expect(await search(text)).toEqual([]);
  });

  test('tells how far names were compared, and goes on from there', async () => {
    await ingest(
      crm,
      ...Array.from({ length: 50 }, (_, n) => customer(`N-${n}`, `n${n}@example.com`, 'Many', 'Åge', n, 1)),
    );
    const found = new Set<string>();
    let after = '';
    let answers = 0;
    for (;;) {
      const { items, next_after } = await use('GET', `/profiles/search?text=many%20age${after}`);
      answers += 1;
      expect(items.length).toBeLessThanOrEqual(20);
      for (const { profile_id } of items) {
        expect(found).not.toContain(profile_id);
        found.add(profile_id);
      }
      if (next_after === null) break;
      after = `&after=${next_after}`;
    }
    expect([found.size, answers]).toEqual([50, 3]);
    const all = await use('GET', '/profiles/search?text=nobody');
    expect(all).toMatchObject({
      profiles_looked_at: (await use('GET', '/profiles/count')).count,
      next_after: null,
    });
    for (const beyond of ['999999999-9999', '0-0'])
      await use('GET', `/profiles/search?text=xx&after=${beyond}`);
    expect(await refuse('GET', '/profiles/search?text=xx&after=x')).toMatchObject({
      details: [{ pointer: '/after' }],
    });
  });

  test('by an expression: matches, how many were looked at, and where to go on', async () => {
    const ids = await ingest(
      crm,
      ...Array.from({ length: 7 }, (_, n) =>
        customer(`F-${n}`, `f${n}@example.com`, 'F', `${n}`, 5_000 + n, 1),
      ),
    );
    const expression = 'loyalty.points >= 5000';
    const all = await use('POST', '/profiles/filter', { expression });
    expect(all.items.map((item: { profile_id: string }) => item.profile_id).sort()).toEqual(ids.toSorted());
    expect(all).toMatchObject({ next_after: null });
    expect(all.profiles_looked_at).toBe((await use('GET', '/profiles/count')).count);

    const paged: string[] = [];
    let after: string | null = null;
    do {
      const page: { items: { profile_id: string }[]; next_after: string | null } = await use(
        'POST',
        '/profiles/filter',
        { expression, limit: 3, ...(after !== null && { after }) },
      );
      paged.push(...page.items.map(({ profile_id }) => profile_id));
      after = page.next_after;
    } while (after !== null);
    expect(paged.toSorted()).toEqual(ids.toSorted());
    expect(await refuse('POST', '/profiles/filter', { expression: 'loyalty.pionts > 1' })).toMatchObject({
      status: 400,
      message: expect.stringContaining('loyalty.points'),
    });
  });
});

test('more scans at a time than may run are refused, with when to try again', async () => {
  // Nobody can read profiles until all were asked for.
  const holder = await api.database.pool.connect();
  await holder.query('begin; lock table profile in access exclusive mode');
  const scans = Array.from({ length: 12 }, () =>
    api.call('POST', '/api/v1/profiles/filter', { expression: 'loyalty.points < 0' }),
  );
  await Promise.race(scans);
  await delay(200);
  await holder.query('commit');
  holder.release();
  const answers = await Promise.all(scans);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(3);
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, body } of refused)
    expect({ status, code: body.error.code }).toEqual({ status: 503, code: 'overloaded' });
  await use('POST', '/profiles/filter', { expression: 'loyalty.points < 0' });
});

describe('browsing', () => {
  test('goes over everyone once, and over the members of a segment', async () => {
    const { segment_id } = await use('POST', '/segments', {
      name: 'F',
      expression: 'person.name.firstName = "F"',
    });
    while ((await use('GET', `/segments/${segment_id}`)).evaluated_at === null) await delay(20);
    const walk = async (query: string) => {
      const seen: string[] = [];
      let after = '';
      for (;;) {
        const page = await use('GET', `/profiles/browse?limit=4${query}${after}`);
        seen.push(...page.items.map((item: { profile_id: string }) => item.profile_id));
        if (page.next_after === null) return seen;
        after = `&after=${page.next_after}`;
      }
    };
    const everyone = await walk('');
    expect(new Set(everyone).size).toBe(everyone.length);
    expect(everyone).toHaveLength((await use('GET', '/profiles/count')).count);
    expect(await walk(`&segment_id=${segment_id}`)).toHaveLength(7);
    expect(await refuse('GET', `/profiles/browse?segment_id=${randomUUID()}`)).toMatchObject({ status: 404 });
  });

  test('shows no identity to whoever may not see the identity graph', async () => {
    const fewer = permissions.filter((one) => one !== 'View Identity Graph');
    api.actAs({ ...localOwner, permissions: new Set(fewer) });
    const shown = await use('GET', '/profiles/browse');
    const filtered = await use('POST', '/profiles/filter', { expression: 'loyalty.points >= 0' });
    expect(filtered.items.length).toBeGreaterThan(0);
    expect(JSON.stringify([shown, filtered])).not.toMatch(/example\.com|SRCH|@/);
    for (const path of ['/search?text=x', '?value=x', `/${randomUUID()}`, `/${randomUUID()}/history`])
      expect(await refuse('GET', `/profiles${path}`)).toMatchObject({ status: 403 });
  });
});

describe('the timeline', () => {
  test('newest first, by pages, dataset, type and time; other people excluded', async () => {
    const [id] = await ingest(crm, customer('T-1', 'tim@example.com', 'Tim', 'Line', 1, 1));
    const at = (minute: number) => `2026-02-01T10:${String(minute).padStart(2, '0')}:00Z`;
    await ingest(orders, ...Array.from({ length: 9 }, (_, n) => order(`o-${n}`, 'tim@example.com', at(n))));
    // Three at the instant of another, one of another person.
    await ingest(
      orders,
      ...['x', 'y', 'z'].map((name) => order(`same-${name}`, 'tim@example.com', at(4), 'web.visits')),
      order('other', 'else@example.com', at(5)),
    );
    const walk = async (query: string) => {
      const seen: string[] = [];
      let after = '';
      for (;;) {
        const page = await use('GET', `/profiles/${id}/events?limit=2${query}${after}`);
        seen.push(...page.items.map((item: { event_id: string }) => item.event_id));
        if (page.next_after === null) return seen;
        after = `&after=${encodeURIComponent(page.next_after)}`;
      }
    };
    expect(await walk('')).toEqual([
      ...['o-8', 'o-7', 'o-6', 'o-5', 'same-z', 'same-y', 'same-x', 'o-4'],
      ...['o-3', 'o-2', 'o-1', 'o-0'],
    ]);
    expect(await walk('&event_type=web.visits')).toEqual(['same-z', 'same-y', 'same-x']);
    expect(await walk(`&from=${at(7)}&to=${at(8)}`)).toEqual(['o-7']);
    expect(await walk(`&dataset_id=${orders}&from=${at(8)}`)).toEqual(['o-8']);
    expect(await walk(`&dataset_id=${crm}`)).toEqual([]);
    const forged = Buffer.from('[1,"x","y"]').toString('base64url');
    for (const after of ['nonsense', forged, 'bnVsbA'])
      expect(await refuse('GET', `/profiles/${id}/events?after=${after}`)).toMatchObject({
        status: 400,
        details: [{ pointer: '/after' }],
      });
    expect(await refuse('GET', `/profiles/${randomUUID()}/events`)).toMatchObject({ status: 404 });
  });
});

describe('the history', () => {
  test('tells each change with the fields before and after, back to the beginning', async () => {
    const [id] = await ingest(crm, customer('H-1', 'his@example.com', 'His', 'Tory', 1, 1));
    await ingest(crm, customer('H-1', 'his@example.com', 'His', 'Tory', 1, 1));
    await ingest(crm, customer('H-1', 'his@example.com', 'His', 'Toric', 2, 2));
    await ingest(shop, shopper('his@example.com', 3, { person: { gender: 'male' } }));
    const { items, next_after } = await use('GET', `/profiles/${id}/history`);
    expect(next_after).toBeNull();
    expect(items).toMatchObject([
      {
        version: 3,
        kind: 'changed',
        changes: [
          { pointer: '/extSourceSystemAudit/lastUpdatedDate' },
          { pointer: '/person/gender', after: 'male' },
        ],
      },
      {
        version: 2,
        kind: 'changed',
        changes: [
          { pointer: '/extSourceSystemAudit/lastUpdatedDate' },
          { pointer: '/loyalty/points', before: 1, after: 2 },
          { pointer: '/person/name/lastName', before: 'Tory', after: 'Toric' },
        ],
      },
      { version: 1, kind: 'created', changes: [] },
    ]);
    expect(items[0].changes[1]).not.toHaveProperty('before');
    const paged: number[] = [];
    let after = '';
    for (let page: { items: { version: number }[]; next_after: string | null }; ; ) {
      page = await use('GET', `/profiles/${id}/history?limit=1${after}`);
      paged.push(...page.items.map(({ version }) => version));
      if (page.next_after === null) break;
      after = `&after=${page.next_after}`;
    }
    expect(paged).toEqual([3, 2, 1]);
    expect(await refuse('GET', `/profiles/${randomUUID()}/history`)).toMatchObject({ status: 404 });
  });

  test('shows a merge', async () => {
    const [a] = await ingest(crm, customer('M-1', 'm1@example.com', 'Mer', 'Ge', 1, 1));
    const [b] = await ingest(crm, customer('M-2', 'm2@example.com', 'Mer', 'Ge', 2, 2));
    const [into] = await ingest(crm, customer('M-2', 'm1@example.com', 'Mer', 'Ge', 2, 3));
    expect([a, b]).toContain(into);
    const { items } = await use('GET', `/profiles/${into}/history`);
    expect(items[0]).toMatchObject({ kind: 'merged' });
    expect(items[0].changes.map(({ pointer }: { pointer: string }) => pointer)).toContain(
      '/identityMap/CRMID',
    );
  });
});

test('no personal data is in the log or the audit log', async () => {
  const audit = await rows(api.database.pool, 'select action, facts from audit_event');
  expect(api.logged.join() + JSON.stringify(audit)).not.toMatch(/example\.com|Müller|SRCH|Background/);
});
