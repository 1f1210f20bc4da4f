import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OrgDefinitionInput } from '../definition/org-definition.ts';
import { startOrg } from '../start-org.ts';
import { bulkClient } from '../testing/bulk-client.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

type Person = Readonly<Record<string, string | null>>;
/** Sends one record and answers the codes it was refused with; Bulk API tells one error a row. */
type Api = (client: RestClient, person: Person, index: number) => Promise<readonly string[]>;

const definition: OrgDefinitionInput = {
  customFields: [{ object: 'Contact', name: 'Ext__c', externalId: true, unique: true }],
  validationRules: [
    { object: 'Contact', name: 'Doctors', formula: 'Title = "Dr" && ISBLANK(FirstName)', message: 'Name?' },
    { object: 'Contact', name: 'Cities', formula: 'MailingCity = "Oslo" && ISNEW()', message: 'Closed.' },
  ],
  duplicateRules: [
    {
      object: 'Contact',
      name: 'Same_Number',
      onCreate: 'block',
      onUpdate: 'alert',
      matchingRules: [
        {
          name: 'M',
          fields: [
            { field: 'LastName', method: 'LastName' },
            { field: 'Phone', method: 'Phone' },
          ],
        },
      ],
    },
  ],
};

const codes = (errors: readonly { errorCode?: string; statusCode?: string }[]): readonly string[] =>
  [...new Set(errors.map(({ errorCode, statusCode }) => errorCode ?? statusCode ?? ''))].sort();
const key = (index: number): string => `K${index}`;
const typed = (person: Person, index: number) => ({
  attributes: { type: 'Contact' },
  Ext__c: key(index),
  ...person,
});

const rows: Api = async ({ rest }, person, index) => {
  const { status, body } = await rest('POST', '/sobjects/Contact', { Ext__c: key(index), ...person });
  return status === 201 ? [] : codes(body);
};

const others: Readonly<Record<string, Api>> = {
  upserts: async ({ rest }, person, index) => {
    const { status, body } = await rest('PATCH', `/sobjects/Contact/Ext__c/${key(index)}`, person);
    return status === 201 ? [] : codes(body);
  },
  collections: async ({ rest }, person, index) => {
    const { body } = await rest('POST', '/composite/sobjects', { records: [typed(person, index)] });
    return codes(body[0].errors);
  },
  'collection upserts': async ({ rest }, person, index) => {
    const path = '/composite/sobjects/Contact/Ext__c';
    const { body } = await rest('PATCH', path, { records: [typed(person, index)] });
    return codes(body[0].errors);
  },
  bulk: async (client, person, index) => {
    const columns = Object.keys(person);
    const cells = columns.map((name) => person[name] ?? '');
    const csv = `Ext__c,${columns.join()}\n${key(index)},${cells.join()}\n`;
    const { failures } = await bulkClient(client).run({ object: 'Contact', operation: 'insert' }, csv);
    return failures.map(([, error]) => error?.split(':')[0] ?? '');
  },
  people: async ({ call }, person, index) => {
    const fields = { Ext__c: key(index), ...person };
    const { status, body } = await call('POST', '/emulator/records/Contact', { fields });
    return status === 201 ? [] : codes(body);
  },
};

const people = fc.array(
  fc.record({
    LastName: fc.constantFrom('Smith', 'Smyth', 'Jones'),
    FirstName: fc.constantFrom('Ann', null),
    Title: fc.constantFrom('Dr', null),
    Phone: fc.constantFrom('123', '1-2-3', null),
    MailingCity: fc.constantFrom('Oslo', 'Rome'),
  }),
  { minLength: 1, maxLength: 8 },
);

async function send(api: Api, records: readonly Person[]): Promise<unknown> {
  await using org = await startOrg({ definition });
  const client = await connect(org);
  const outcomes: (readonly string[])[] = [];
  for (const [index, person] of records.entries()) outcomes.push(await api(client, person, index));
  const { body } = await client.query('SELECT Ext__c, Name, Title, Phone FROM Contact ORDER BY Ext__c');
  const kept = body.records.map(({ attributes: _, ...fields }: Person) => fields);
  return { outcomes, kept };
}

test('validation and duplicate rules refuse the same records through every API', async () => {
  await fc.assert(
    fc.asyncProperty(people, async (records) => {
      const expected = await send(rows, records);
      for (const [name, api] of Object.entries(others))
        expect(await send(api, records), name).toEqual(expected);
    }),
    { numRuns: 8 },
  );
});
