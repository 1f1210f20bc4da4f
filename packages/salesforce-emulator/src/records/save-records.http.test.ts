import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

const definition = {
  customFields: [
    { object: 'Contact', name: 'Ext__c', externalId: true, unique: true },
    { object: 'Contact', name: 'Loose__c', externalId: true },
  ],
};
let together: Org;
let apart: Org;
let many: RestClient;
let single: RestClient;
beforeAll(async () => {
  [together, apart] = await Promise.all([startOrg({ definition }), startOrg({ definition })]);
  [many, single] = await Promise.all([connect(together), connect(apart)]);
});
afterAll(() => Promise.all([together.close(), apart.close()]));

type Fields = Record<string, string | null>;
type Write =
  | { kind: 'create' | 'upsert'; fields: Fields }
  | { kind: 'update' | 'delete'; at: number; fields: Fields };

// Few values, so that keys meet, clash and are refused.
const key = fc.constantFrom('k1', 'k2', 'K3', ' k1 ', '');
const fields: fc.Arbitrary<Fields> = fc.record(
  {
    LastName: fc.constantFrom('Doe', ' Roe ', '', null, 'x'.repeat(81)),
    FirstName: fc.constantFrom('Jane', null, 'J'.repeat(40)),
    Email: fc.constantFrom('a@x.com', 'A@X.com', 'bad', null),
    Ext__c: key,
    Unknown__c: fc.constant('x'),
  },
  { requiredKeys: ['LastName'] },
);
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constantFrom('create' as const, 'upsert' as const), fields }),
  fc.record({ kind: fc.constantFrom('update' as const, 'delete' as const), at: fc.nat(9), fields }),
);

async function writeSingly(client: RestClient, ids: string[], step: Write): Promise<void> {
  const id = 'at' in step ? ids[step.at] : undefined;
  if (step.kind === 'create') note(ids, await client.rest('POST', '/sobjects/Contact', step.fields));
  else if (step.kind === 'upsert') {
    const { Loose__c: _key, ...rest } = step.fields;
    note(ids, await client.rest('PATCH', `/sobjects/Contact/Loose__c/${looseKey(step)}`, rest));
  } else if (id !== undefined && step.kind === 'update')
    await client.rest('PATCH', `/sobjects/Contact/${id}`, step.fields);
  else if (id !== undefined) await client.rest('DELETE', `/sobjects/Contact/${id}`);
}

async function writeTogether(client: RestClient, ids: string[], step: Write): Promise<void> {
  const id = 'at' in step ? ids[step.at] : undefined;
  const record = { attributes: { type: 'Contact' }, ...step.fields };
  if (step.kind === 'create')
    note(ids, await client.rest('POST', '/composite/sobjects', { records: [record] }));
  else if (step.kind === 'upsert') {
    const records = [{ ...record, Loose__c: looseKey(step) }];
    note(ids, await client.rest('PATCH', '/composite/sobjects/Contact/Loose__c', { records }));
  } else if (id !== undefined && step.kind === 'update')
    await client.rest('PATCH', '/composite/sobjects', { records: [{ ...record, id }] });
  else if (id !== undefined) await client.rest('DELETE', `/composite/sobjects?ids=${id}`);
}

const looseKey = (step: Write): string => `loose${Object.keys(step.fields).length}`;

function note(ids: string[], answer: { body: { id?: string } | { id?: string }[] }): void {
  for (const result of [answer.body].flat()) if (result.id !== undefined) ids.push(result.id);
}

async function stateOf(client: RestClient): Promise<unknown> {
  const soql =
    'SELECT Id, IsDeleted, Name, FirstName, LastName, Email, Ext__c, Loose__c FROM Contact ORDER BY Id';
  const { body } = await client.rest('GET', `/queryAll?q=${encodeURIComponent(soql)}`);
  return body.records.map(({ Id: _id, attributes: _attributes, ...rest }: Record<string, unknown>) => rest);
}

test('any sequence of writes through collections leaves the state of single rows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 12 }), async (steps) => {
      for (const [org, client] of [
        [together, many],
        [apart, single],
      ] as const) {
        await fetch(`${org.url}/emulator/reset`, { method: 'POST' });
        const ids: string[] = [];
        for (const step of steps) await (client === many ? writeTogether : writeSingly)(client, ids, step);
      }
      expect(await stateOf(many)).toEqual(await stateOf(single));
    }),
    { numRuns: 60 },
  );
});

test('a collection of distinct keys leaves what the same records leave one by one; allOrNone leaves it or nothing', async () => {
  const batch = fc.uniqueArray(fields, {
    maxLength: 8,
    selector: (record) => record.Ext__c?.trim().toLowerCase() ?? '',
  });
  await fc.assert(
    fc.asyncProperty(batch, fc.boolean(), async (list, allOrNone) => {
      const keyed = list.filter((record) => (record.Ext__c ?? '') !== '');
      if (keyed.length === 0) return;
      for (const org of [together, apart]) await fetch(`${org.url}/emulator/reset`, { method: 'POST' });
      const records = keyed.map((record) => ({ attributes: { type: 'Contact' }, ...record }));
      const answer = await many.rest('PATCH', '/composite/sobjects/Contact/Ext__c', { allOrNone, records });
      for (const { Ext__c, ...rest } of keyed)
        await single.rest('PATCH', `/sobjects/Contact/Ext__c/${encodeURIComponent(Ext__c ?? '')}`, rest);
      const refused = answer.body.some((result: { success: boolean }) => !result.success);
      expect(await stateOf(many)).toEqual(allOrNone && refused ? [] : await stateOf(single));
    }),
    { numRuns: 60 },
  );
});
