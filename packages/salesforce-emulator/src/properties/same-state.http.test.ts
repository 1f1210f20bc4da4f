import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { asBulkJobs } from '../testing/bulk-style.ts';
import { readRecords } from '../testing/org-records.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';
import { stepDefinition, writeSteps } from '../testing/write-steps.ts';
import {
  asBatches,
  asCollections,
  asCollectionsInComposites,
  asComposites,
  asGraphs,
  asRows,
  asTrees,
  type WriteStyle,
} from '../testing/write-styles.ts';

const clock = (): number => Date.UTC(2026, 8, 22, 10, 15);
const objects = ['Account', 'Contact', 'Lead'];
let orgs: readonly [Org, Org];
let singly: RestClient;
let otherwise: RestClient;
beforeAll(async () => {
  const start = (): Promise<Org> => startOrg({ definition: stepDefinition, clock });
  orgs = await Promise.all([start(), start()]);
  [singly, otherwise] = await Promise.all([connect(orgs[0]), connect(orgs[1])]);
});
afterAll(() => Promise.all(orgs.map((org) => org.close())));

const styles: Readonly<Record<string, WriteStyle>> = {
  'collections of one': asCollections(1),
  'collections of up to eight': asCollections(8),
  'composites of one': asComposites(1),
  'composites with references': asComposites(25),
  'composites of four': asComposites(4),
  'collections in composites': asCollectionsInComposites,
  batches: asBatches(25),
  graphs: asGraphs,
  trees: asTrees,
  'Bulk jobs': asBulkJobs,
};

describe('any sequence of writes leaves what single rows leave, through', () => {
  for (const [name, style] of Object.entries(styles))
    test(name, async () => {
      await fc.assert(
        fc.asyncProperty(writeSteps, async (steps) => {
          for (const org of orgs) await fetch(`${org.url}/emulator/reset`, { method: 'POST' });
          await asRows(singly, steps);
          await style(otherwise, steps);
          expect(await readRecords(otherwise, objects)).toEqual(await readRecords(singly, objects));
        }),
        { numRuns: 25 },
      );
    }, 60_000);
});

test('the sequences write, refuse, change and delete', async () => {
  let live = 0;
  let deleted = 0;
  let refused = 0;
  for (const steps of fc.sample(writeSteps, { numRuns: 40, seed: 7 })) {
    await fetch(`${orgs[0].url}/emulator/reset`, { method: 'POST' });
    await asRows(singly, steps);
    const counts = (await singly.call('GET', '/emulator/counts')).body;
    live += counts.Account.live + counts.Contact.live + counts.Lead.live;
    deleted += counts.Account.deleted + counts.Contact.deleted + counts.Lead.deleted;
    const { entries } = (await singly.call('GET', '/emulator/journal')).body;
    refused += entries.filter(({ status }: { status: number }) => status === 400).length;
  }
  expect(live).toBeGreaterThan(20);
  expect(deleted).toBeGreaterThan(5);
  expect(refused).toBeGreaterThan(20);
}, 60_000);
