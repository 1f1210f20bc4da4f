import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CrmOrg, never, openCrmOrg } from '../crm-org.fixture.ts';

const details = { membership: 'campaign' };
let crm: CrmOrg;
beforeEach(async () => {
  crm = await openCrmOrg();
});
afterEach(() => crm.close());

const ensure = (name: string, mappingId: string | null = null) =>
  crm.connection.ensureList({ segmentId: name, name, mappingId }, details, never);
const campaigns = () => crm.select('SELECT Id, Name, IsActive, Status FROM Campaign');
const labels = async (id: string | null) =>
  (
    await crm.select(`SELECT Label FROM CampaignMemberStatus WHERE CampaignId = '${id}' ORDER BY SortOrder`)
  ).map(({ Label }) => Label);

test('a Campaign of the name is made once, active and with its statuses', async () => {
  const id = await ensure("O'Neil's \\ best");
  expect(await campaigns()).toMatchObject([
    { Id: id, Name: "O'Neil's \\ best", IsActive: true, Status: 'In Progress' },
  ]);
  expect(await labels(id)).toEqual(['Sent', 'Responded', 'Member', 'Exited']);
  expect(await ensure("O'Neil's \\ best")).toBe(id);
  expect(await campaigns()).toHaveLength(1);
  expect(await labels(id)).toHaveLength(4);
});

test('at the same time it is made once, too', async () => {
  const ids = await Promise.all([ensure('Gold'), ensure('Gold'), ensure('Gold')]);
  expect(new Set(ids).size).toBe(1);
  expect(await campaigns()).toHaveLength(1);
});

test('promise 3: two servers that make it at the same moment keep one', async () => {
  const other = crm.connect();
  await Promise.all([crm.connection.test(never), other.test(never)]);
  for (const name of ['A', 'B', 'C', 'D', 'E']) {
    const segment = { segmentId: 'g', name, mappingId: null };
    const ids = await Promise.all(
      [crm.connection, other].map((connection) => connection.ensureList(segment, details, never)),
    );
    expect(new Set(ids).size).toBe(1);
    expect(
      await crm.select(`SELECT Id FROM Campaign WHERE Name = '${name}' AND IsDeleted = false`),
    ).toMatchObject([{ Id: ids[0] }]);
  }
  // At least one pair did meet.
  expect(crm.org.changes({ object: 'Campaign', kind: 'deleted' }).length).toBeGreaterThan(0);
});

test('one that is there is found by name, in any case, and gets the statuses it lacks', async () => {
  const id = await crm.make('Campaign', { Name: 'gold' });
  await crm.make('CampaignMemberStatus', { CampaignId: id, Label: 'MEMBER', SortOrder: 7 });
  expect(await ensure('Gold')).toBe(id);
  expect(await labels(id)).toEqual(['Sent', 'Responded', 'MEMBER', 'Exited']);
});

test('a mapping id is an id or a name', async () => {
  const id = await crm.make('Campaign', { Name: 'Spring' });
  expect(await ensure('Gold', id)).toBe(id);
  expect(await ensure('Gold', id.slice(0, 15))).toBe(id);
  expect(await ensure('Gold', 'Spring')).toBe(id);
  await expect(ensure('Gold', '701000000000001AAA')).rejects.toMatchObject({
    code: 'destination_misconfigured',
    message: expect.stringContaining('701000000000001AAA'),
  });
});

test('several of one name are told by their ids', async () => {
  const ids = [await crm.make('Campaign', { Name: 'Gold' }), await crm.make('Campaign', { Name: 'GOLD' })];
  const error = await ensure('Gold').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'destination_misconfigured' });
  for (const id of ids) expect(String(error)).toContain(id);
});

test('a long name is cut at a whole character, and found again', async () => {
  const name = `${'x'.repeat(79)}😀 and more`;
  const id = await ensure(name);
  expect(await campaigns()).toMatchObject([{ Name: 'x'.repeat(79) }]);
  expect(await ensure(name)).toBe(id);
});

test.each(['before_write', 'after_write'])(
  'an answer lost %s leaves it open; again, it is made once',
  async (when) => {
    await crm.connection.test(never);
    await crm.steer('PUT', '/faults', {
      rules: [
        {
          match: { method: 'POST', path: '/services/data/v67.0/composite/sobjects' },
          count: 1,
          fault: { kind: 'cut', when },
        },
      ],
    });
    await expect(ensure('Gold')).rejects.toMatchObject({ code: 'destination_outcome_unknown' });
    const id = await ensure('Gold');
    expect(await campaigns()).toMatchObject([{ Id: id }]);
    expect(await labels(id)).toEqual(['Sent', 'Responded', 'Member', 'Exited']);
  },
);

test('a dataflow without campaigns has no list', async () => {
  expect(
    await crm.connection.ensureList(
      { segmentId: 'g', name: 'Gold', mappingId: null },
      { membership: 'none' },
      never,
    ),
  ).toBeNull();
  expect(crm.calls).toEqual([]);
});
