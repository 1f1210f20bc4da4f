import { expect, test } from 'vitest';
import type { OrgDefinitionInput } from '../definition/org-definition.ts';
import { sampleUser } from '../definition/users.ts';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

const rep = { username: 'rep@emulator.example', password: 'x', lastName: 'Rep' };
const definition: OrgDefinitionInput = {
  users: [sampleUser, rep],
  queues: [{ name: 'New Leads' }],
  assignmentRules: [
    {
      name: 'By country',
      entries: [
        { criteria: [{ field: 'country', value: 'Italy, Spain' }], assignTo: rep.username },
        { formula: 'NumberOfEmployees > 100', assignTo: 'New_Leads' },
      ],
    },
    { name: 'All', active: false, entries: [{ assignTo: rep.username }] },
  ],
};
const lead = { LastName: 'Roe', Company: 'Acme' };

test('the active rule gives Leads away, the caller chooses another or none', async () => {
  await using org = await startOrg({ definition });
  const { call, query } = await connect(org);
  const rules = await query('SELECT Id, Name, Active FROM AssignmentRule ORDER BY Name');
  expect(rules.body.records).toMatchObject([
    { Name: 'All', Active: false },
    { Name: 'By country', Active: true },
  ]);
  const all: string = rules.body.records[0].Id;
  expect(all).toMatch(/^01Q/);
  const ownerAfter = async (fields: object, header?: string) => {
    const headers = header === undefined ? {} : { 'sforce-auto-assign': header };
    const made = await call('POST', '/services/data/v67.0/sobjects/Lead', { ...lead, ...fields }, headers);
    if (made.status !== 201) return made.body[0].errorCode;
    const found = await query(`SELECT Owner.Name FROM Lead WHERE Id = '${made.body.id}'`);
    return found.body.records[0].Owner.Name;
  };
  expect(await ownerAfter({})).toBe('Integration User');
  expect(await ownerAfter({ Country: 'spain' })).toBe('Rep');
  expect(await ownerAfter({ NumberOfEmployees: 200 })).toBe('New Leads');
  expect(await ownerAfter({ Country: 'Spain' }, 'FALSE')).toBe('Integration User');
  expect(await ownerAfter({}, all)).toBe('Rep');
  expect(await ownerAfter({}, '01Q000000000000')).toBe('INVALID_CROSS_REFERENCE_KEY');
});

test('a changed Lead is assigned anew unless the caller says no; people assign by hand', async () => {
  await using org = await startOrg({ definition });
  const { call, rest } = await connect(org);
  const made = await call('POST', '/emulator/records/Lead', { fields: { ...lead, Country: 'Italy' } });
  const path = `/sobjects/Lead/${made.body.id}`;
  const owner = async (): Promise<string> => (await rest('GET', path)).body.OwnerId;
  const mine = await owner();
  await call('PATCH', `/services/data/v67.0${path}`, { Title: 'Dr' }, { 'sforce-auto-assign': 'false' });
  expect(await owner()).toBe(mine);
  expect((await rest('PATCH', path, { Title: 'Prof' })).status).toBe(204);
  expect(await owner()).not.toBe(mine);
});

test('rules need owners and fields that are there, and one of them is active at most', async () => {
  const start = (rules: OrgDefinitionInput['assignmentRules']): Promise<unknown> =>
    startOrg({ definition: { assignmentRules: rules } });
  await expect(start([{ name: 'R', entries: [{ assignTo: 'nobody' }] }])).rejects.toThrow(
    'Assignment rule R: there is no user or queue nobody.',
  );
  const entries = [{ assignTo: sampleUser.username }];
  await expect(
    start([
      { name: 'R', entries },
      { name: 'S', entries },
    ]),
  ).rejects.toThrow('Assignment rule S: R is active already');
  const criteria = [{ field: 'Nope' }];
  await expect(start([{ name: 'R', entries: [{ ...entries[0], criteria }] }])).rejects.toThrow(
    'there is no field Nope on Lead',
  );
});
