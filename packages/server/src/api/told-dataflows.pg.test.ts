import { type Destination, HeadraceError, type SegmentStanding, type TargetField } from '@headrace/core';
import { MemoryOrg } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from './api.fixture.ts';
import { type PeopleApi, startPeopleApi } from './people.fixture.ts';

/* What a destination can be told of segments is checked while others change what is to be told. */

type Named = Pick<SegmentStanding, 'name' | 'mappingId'>;
const listed = ({ name, mappingId }: Named): string => mappingId ?? name;

/** One field of each person lists their segments, parted by semicolons. */
class ListingOrg extends MemoryOrg {
  /** Called while it is asked whether it can be told of some segments. */
  meanwhile: () => Promise<void> = async () => undefined;

  override async targetFields(): Promise<readonly TargetField[]> {
    const field = { type: 'string', maxLength: null, required: true } as const;
    return ['email', 'lastName'].map((name) => ({
      ...field,
      name,
      title: name,
      field: name,
      matchKey: name === 'email',
    }));
  }

  override async checkMemberships(segments: readonly Named[] = []): Promise<void> {
    await this.meanwhile();
    const names = segments.map(listed);
    if (new Set(names).size < names.length || names.some((name) => name.includes(';')))
      throw new HeadraceError('destination_misconfigured', `It cannot list ${names.join(' and ')}.`);
  }

  override prepareMemberships(segments: readonly SegmentStanding[]) {
    const names = segments.filter(({ status }) => status !== 'exited').map(listed);
    return { fields: { segments: names.toSorted().join(';') }, lists: [] };
  }

  override async ensureList(): Promise<null> {
    return null;
  }
}

let api: PeopleApi;
let org: ListingOrg;
let dataflow: string;

beforeEach(async () => {
  org = new ListingOrg();
  const destination: Destination = {
    type: 'listing',
    title: 'Listing',
    description: '',
    category: 'CRM',
    connectionType: 'Profile-based',
    frequency: 'Streaming',
    authentications: [{ type: 'none', title: 'None', fields: [] }],
    detailFields: [],
    maxBatchRecords: 200,
    tellsMemberships: () => true,
    connect: () => org,
  };
  api = await startPeopleApi({ destinations: [destination] });
  const account = { destination_type: 'listing', name: 'Listing', authentication: 'none', values: {} };
  const { account_id } = await api.use('POST', '/accounts', account);
  const mapping = [
    { source: { attribute: 'personalEmail.address' }, target: 'email' },
    { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
  ];
  dataflow = (await api.use('POST', '/dataflows', { account_id, name: 'Listing', mapping })).dataflow_id;
});
afterEach(() => api.stop());

const newSegment = async (name: string): Promise<string> =>
  (await api.use('POST', '/segments', { name, expression: 'person.name.lastName.isNotNull()' })).segment_id;
const activations = `/dataflows/DATAFLOW/activations`;
const activate = (segment_id: string, mapping_id?: string) =>
  api.call('POST', `/api/v1${activations.replace('DATAFLOW', dataflow)}`, {
    segment_id,
    ...(mapping_id && { mapping_id }),
  });
const rename = (segmentId: string, name: string) =>
  api.call('PATCH', `/api/v1/segments/${segmentId}`, { name });
const told = () => [...org.records.values()].map((record) => record.segments);

test('promise 2: another name of a segment reaches members that do not change', async () => {
  const segment = await newSegment('Gold');
  expect((await activate(segment)).status).toBe(202);
  const person = { personalEmail: { address: 'ann@example.com' }, person: { name: { lastName: 'Adams' } } };
  await api.ingest(api.crm, [{ personID: 'ann', ...person }]);
  await until(async () => told()[0] === 'Gold');
  expect((await rename(segment, 'Platinum')).status).toBe(200);
  await until(async () => told()[0] === 'Platinum');
  expect(org.records.size).toBe(1);
});

test('promise 11: a name that a destination cannot be told of is refused, and so is one that it is told already', async () => {
  const [gold, vip] = [await newSegment('Gold'), await newSegment('Vip')];
  await activate(gold);
  await activate(vip, 'Silver');
  for (const name of ['Gold; old', 'Silver']) {
    const refused = await rename(gold, name);
    expect([refused.status, refused.body.error.code]).toEqual([422, 'destination_misconfigured']);
    expect(refused.body.error.message).toContain(name);
  }
  // Its own name is not told.
  expect((await rename(vip, 'Gone; vip')).status).toBe(200);
  expect((await api.use('GET', `/segments/${gold}`)).name).toBe('Gold');
});

test('of two segments that are activated at once with one Mapping ID one is refused', async () => {
  const [gold, vip] = [await newSegment('Gold'), await newSegment('Vip')];
  let asked = 0;
  const both = Promise.withResolvers<void>();
  org.meanwhile = () => {
    if (++asked === 2) both.resolve();
    return both.promise;
  };
  const answers = await Promise.all([activate(gold, 'One'), activate(vip, 'One')]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 422]);
  const { items } = await api.use('GET', activations.replace('DATAFLOW', dataflow));
  expect(items).toHaveLength(1);
});

test('a segment that is renamed while another is activated under that name is refused, or the other is', async () => {
  const [gold, vip] = [await newSegment('Gold'), await newSegment('Vip')];
  await activate(gold);
  org.meanwhile = async () => {
    org.meanwhile = async () => undefined;
    expect((await rename(gold, 'Silver')).status).toBe(200);
  };
  expect((await activate(vip, 'Silver')).status).toBe(422);
});

test('what changes at every look is a conflict in the end', async () => {
  const gold = await newSegment('Gold');
  org.meanwhile = async () => {
    await api.use('PATCH', `/dataflows/${dataflow}`, { description: 'Another.' });
  };
  const refused = await activate(gold);
  expect([refused.status, refused.body.error.message]).toEqual([
    409,
    expect.stringContaining('repeat the change'),
  ]);
});
