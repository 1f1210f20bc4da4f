import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { readRecords } from '../testing/org-records.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';
import { keyFields, stepDefinition, type WriteStep, writeSteps } from '../testing/write-steps.ts';
import { asCollections, asComposites, asRows, type WriteStyle } from '../testing/write-styles.ts';

const clock = (): number => Date.UTC(2026, 8, 22, 10, 15);
const objects = ['Account', 'Contact', 'Lead'];
let orgs: readonly [Org, Org];
let alone: RestClient;
let crowded: RestClient;
beforeAll(async () => {
  const start = (): Promise<Org> => startOrg({ definition: stepDefinition, clock });
  orgs = await Promise.all([start(), start()]);
  [alone, crowded] = await Promise.all([connect(orgs[0]), connect(orgs[1])]);
});
afterAll(() => Promise.all(orgs.map((org) => org.close())));

const reset = (): Promise<unknown> =>
  Promise.all(orgs.map((org) => fetch(`${org.url}/emulator/reset`, { method: 'POST' })));

/** The same steps with keys nobody else uses, marked as one writer's in a field every object has. */
const ownedBy = (owner: string, steps: readonly WriteStep[]): readonly WriteStep[] =>
  steps.map((step) => {
    if (step.kind === 'delete') return step;
    const fields = { ...step.fields, Phone: owner };
    if (step.kind === 'update') return { ...step, fields };
    const parent =
      step.parent !== undefined && 'key' in step.parent ? { key: owner + step.parent.key } : step.parent;
    return step.kind === 'create'
      ? { ...step, fields, parent }
      : { ...step, fields, parent, key: owner + step.key };
  });

/** One writer's records, whatever ids they got among those of the others. */
async function recordsOf(client: RestClient, owner: string): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const object of objects) {
    const soql = `SELECT IsDeleted, Name, ${keyFields[object]} FROM ${object} WHERE Phone = '${owner}' ORDER BY Id`;
    const { body } = await client.rest('GET', `/queryAll?q=${encodeURIComponent(soql)}`);
    found[object] = body.records.map(({ attributes: _attributes, ...rest }: Record<string, unknown>) => rest);
  }
  return found;
}

test('writers at work at once leave what each of them leaves alone', async () => {
  const styles: readonly WriteStyle[] = [asRows, asCollections(4), asComposites(25), asComposites(3), asRows];
  await fc.assert(
    fc.asyncProperty(fc.array(writeSteps, { minLength: 5, maxLength: 5 }), async (lists) => {
      await reset();
      const owned = lists.map((steps, index) => ownedBy(`w${index}`, steps));
      for (const steps of owned) await asRows(alone, steps);
      await Promise.all(owned.map((steps, index) => (styles[index] ?? asRows)(crowded, steps)));
      for (const index of owned.keys())
        expect(await recordsOf(crowded, `w${index}`)).toEqual(await recordsOf(alone, `w${index}`));
    }),
    { numRuns: 8 },
  );
}, 60_000);

test('of many upserts of one key at once, one creates and the others update', async () => {
  await reset();
  const record = (index: number): object => ({
    attributes: { type: 'Contact' },
    Ext__c: 'same',
    LastName: `L${index}`,
  });
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => {
      if (index % 3 === 0)
        return crowded.rest('PATCH', '/sobjects/Contact/Ext__c/same', { LastName: `L${index}` });
      if (index % 3 === 1)
        return crowded.rest('PATCH', '/composite/sobjects/Contact/Ext__c', { records: [record(index)] });
      const url = '/services/data/v67.0/sobjects/Contact/Ext__c/same';
      const body = { LastName: `L${index}` };
      return crowded.rest('POST', '/composite', {
        allOrNone: true,
        compositeRequest: [{ method: 'PATCH', url, referenceId: 'a', body }],
      });
    }),
  );
  const created = answers.map(({ body }) => {
    const result = body.compositeResponse?.[0].body ?? (Array.isArray(body) ? body[0] : body);
    expect(result.success).toBe(true);
    return result.created;
  });
  expect(created.filter((flag) => flag === true)).toHaveLength(1);
  expect((await crowded.query("SELECT Id FROM Contact WHERE Ext__c = 'same'")).body.totalSize).toBe(1);
});

test('what is undone is never seen by others, and undoes nothing of theirs', async () => {
  await reset();
  const url = '/services/data/v67.0/sobjects/Contact';
  const failing = {
    allOrNone: true,
    compositeRequest: [
      { method: 'POST', url, referenceId: 'good', body: { LastName: 'Ghost' } },
      { method: 'POST', url, referenceId: 'bad', body: {} },
    ],
  };
  const seen: number[] = [];
  await Promise.all(
    Array.from({ length: 90 }, async (_, index) => {
      if (index % 3 === 0) await crowded.rest('POST', '/composite', failing);
      else if (index % 3 === 1) await crowded.rest('POST', '/sobjects/Contact', { LastName: 'Kept' });
      else seen.push((await crowded.query("SELECT Id FROM Contact WHERE LastName = 'Ghost'")).body.totalSize);
    }),
  );
  expect(seen).toEqual(Array(30).fill(0));
  expect((await crowded.query('SELECT COUNT() FROM Contact')).body.totalSize).toBe(30);
  expect(await readRecords(crowded, ['Account', 'Lead'])).toEqual({ Account: [], Lead: [] });
});
