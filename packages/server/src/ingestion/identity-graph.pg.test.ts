import { randomUUID } from 'node:crypto';
import {
  bucketOf,
  canonicalJson,
  fragmentKey,
  type Identity,
  identitiesOf,
  identityKey,
  mergeFragments,
  type ProfileFragment,
  pairKey,
  timestampOrdered,
} from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rows, transaction } from '../store/database.ts';
import { findIdentityHolders } from '../store/identities.ts';
import { insertUnlinks } from '../store/identity-unlinks.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { readFragments } from '../store/profile-fragments.ts';
import { applyRecords } from './apply-records.ts';
import { deletePerson } from './delete-person.ts';
import { IdentityGraph } from './part-identities.ts';
import type { PreparedRecord } from './prepared-record.ts';
import { regroupAround } from './regroup-profiles.ts';
import { saveProfiles } from './save-profiles.ts';
import { readStoredProfiles } from './stored-profiles.ts';

/** One that grows by what happens to it, one that is filled from scratch to compare. */
let grown: TestDatabase;
let fresh: TestDatabase;
const [shop, web] = [
  { datasetId: randomUUID(), kind: 'profile' as const },
  { datasetId: randomUUID(), kind: 'event' as const },
];
const now = () => new Date();
const onChange = async () => undefined;
const options = () => ({ pool: grown.pool, onChange, onCommit: () => undefined, now });

beforeAll(async () => {
  [grown, fresh] = [await createDatabase(), await createDatabase()];
  for (const { pool } of [grown, fresh])
    await pool.query(`insert into identity_namespace values ('CRMID', 'Customer', 'CROSS_DEVICE', now())`);
});
afterAll(() => Promise.all([grown.drop(), fresh.drop()]));

const tables = [
  'profile',
  'profile_fragment',
  'profile_event',
  'identity',
  'identity_unlink',
  'graph_overflow',
  'profile_change',
  'profile_deletion',
];
const empty = ({ pool }: TestDatabase) => pool.query(`truncate ${tables.join(', ')} cascade`);
beforeEach(() => empty(grown));

const identity = (value: string): Identity => ({
  namespace: value.startsWith('cookie') ? 'ECID' : 'CRMID',
  value,
});
let events = 0;
const nextEvent = () => {
  events += 1;
  return events;
};
const record = (
  [primary = '', ...others]: readonly string[],
  stampMs: number,
  { datasetId, kind }: { datasetId: string; kind: 'profile' | 'event' } = shop,
): PreparedRecord => ({
  datasetId,
  kind,
  recordId: kind === 'event' ? `event-${nextEvent()}` : primary,
  stampMs: kind === 'event' ? stampMs * 86_400_000 : stampMs,
  receivedMs: 0,
  batchId: null,
  primary: identity(primary),
  identities: [...new Set([primary, ...others])].map(identity),
  document: { said: `${primary} at ${stampMs}`, [`by ${primary}`]: stampMs },
});

const apply = ({ pool }: TestDatabase, records: readonly PreparedRecord[]) =>
  transaction(pool, (trx) => applyRecords(trx, records, onChange, now()));

const readPeople = async ({ pool }: TestDatabase) => {
  const stored = await rows<{ profileId: string; bucket: number; document: object }>(
    pool,
    'select profile_id as "profileId", bucket, document from profile',
  );
  const fragments = await readFragments(
    pool,
    stored.map(({ profileId }) => profileId),
  );
  return stored.map((profile) => ({ ...profile, fragments: fragments.get(profile.profileId) ?? [] }));
};

/** What must hold whatever has happened. */
async function expectSound(database: TestDatabase): Promise<void> {
  const { pool } = database;
  const people = await readPeople(database);
  const held: string[] = [];
  const cut: string[] = [];
  for (const { profileId, bucket, document, fragments } of people) {
    expect(bucket).toBe(bucketOf(profileId));
    expect(fragments.length).toBeGreaterThan(0);
    expect(canonicalJson(document)).toBe(canonicalJson(mergeFragments(fragments, timestampOrdered)));
    const identities = identitiesOf(fragments);
    expect(identities.length).toBeLessThanOrEqual(50);
    for (const one of identities) held.push(`${identityKey(one)} ${profileId}`);
    for (const { links } of fragments)
      for (const link of links) if (link.cut === 'graph_full') cut.push(`${identityKey(link)} ${profileId}`);
  }
  expect(new Set(held.map((one) => one.split(' ')[0])).size).toBe(held.length);
  type Row = { namespace: string; value: string; profileId: string };
  const select = (table: string) =>
    rows<Row>(pool, `select namespace, value, profile_id as "profileId" from ${table}`);
  const texts = (found: Row[]) => found.map((row) => `${identityKey(row)} ${row.profileId}`).sort();
  expect(texts(await select('identity'))).toEqual(held.sort());
  expect(texts(await select('graph_overflow'))).toEqual([...new Set(cut)].sort());
  expect(
    await rows(
      pool,
      `select dataset_id, namespace, value from profile_fragment group by 1, 2, 3 having count(*) > 1
       union all
       select dataset_id, namespace, value from profile_fragment f
       where not exists (select from profile p where p.bucket = f.bucket and p.profile_id = f.profile_id)
       union all
       select dataset_id, namespace, value from profile_event e
       where not exists (select from profile_fragment f where f.bucket = e.bucket and f.profile_id = e.profile_id
         and f.dataset_id = e.dataset_id and f.namespace = e.namespace and f.value = e.value)
       union all
       select null, 'history of nobody', profile_id::text from profile_change c
       where not exists (select from profile p where p.bucket = c.bucket and p.profile_id = c.profile_id)`,
    ),
  ).toEqual([]);
}

/** Who is who, and what is said of them, without the ids that chance gave. */
const summary = async (database: TestDatabase): Promise<string[]> =>
  (await readPeople(database))
    .map(({ document, fragments }) => canonicalJson([document, fragments.map(told).sort()]))
    .sort();
const told = (fragment: ProfileFragment): string =>
  canonicalJson([
    fragmentKey(fragment),
    fragment.stampMs,
    fragment.document,
    fragment.links.map(canonicalJson).sort(),
  ]);

async function expectAsFromScratch(
  records: readonly PreparedRecord[],
  unlinks: ReadonlyMap<string, readonly [Identity, Identity]>,
): Promise<void> {
  await empty(fresh);
  await transaction(fresh.pool, (trx) => insertUnlinks(trx, [...unlinks.values()], 'test', now()));
  // Backwards and in one go: neither order nor size of the batches may matter.
  await apply(fresh, records.toReversed());
  await expectSound(fresh);
  expect(await summary(grown)).toEqual(await summary(fresh));
}

type Step =
  | { readonly kind: 'ingest'; readonly records: readonly PreparedRecord[]; readonly size: number }
  | { readonly kind: 'unlink' | 'relink'; readonly pair: readonly [string, string] }
  | { readonly kind: 'split'; readonly of: string; readonly apart: readonly string[] }
  | { readonly kind: 'delete person' | 'delete fragment'; readonly of: string };

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'cookie-g', 'cookie-h'];
const name = fc.constantFrom(...names);
const crowd = Array.from({ length: 55 }, (_, index) => `${index % 2 === 0 ? 'cookie' : 'crowd'}-${index}`);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('ingest' as const),
      records: fc.array(
        fc
          .tuple(
            fc.array(name, { minLength: 1, maxLength: 3 }),
            fc.integer({ min: 1, max: 9 }),
            fc.constantFrom(shop, shop, web),
          )
          .map(([values, stamp, dataset]) => record(values, stamp, dataset)),
        { minLength: 1, maxLength: 5 },
      ),
      size: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('ingest' as const),
      records: fc
        .tuple(name, fc.shuffledSubarray(crowd, { minLength: 50 }), fc.boolean())
        .map(([hub, others, isHubPrimary]) =>
          others.map((other) =>
            record(isHubPrimary ? [hub, other] : [other, hub], 1 + (Number(other.replace(/\D/g, '')) % 9)),
          ),
        ),
      size: fc.integer({ min: 3, max: 55 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('unlink' as const), pair: fc.tuple(name, name) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('relink' as const), pair: fc.tuple(name, name) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('split' as const),
      of: name,
      apart: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('delete person' as const, 'delete fragment' as const),
      of: name,
    }),
  },
);

const holderOf = async (value: string): Promise<string | undefined> =>
  (await findIdentityHolders(grown.pool, [identity(value)])).get(identityKey(identity(value)));
const fragmentsOf = async (profileId: string): Promise<readonly ProfileFragment[]> =>
  (await readFragments(grown.pool, [profileId])).get(profileId) ?? [];

test('promise 7: whatever happens to the graph, it is sound, and as if it had been made from scratch', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 12 }), async (all) => {
      await empty(grown);
      const graph = new IdentityGraph(options());
      let records: PreparedRecord[] = [];
      const unlinks = new Map<string, readonly [Identity, Identity]>();
      for (const step of all) {
        await run(step);
        await expectSound(grown);
      }
      await expectAsFromScratch(records, unlinks);

      async function run(step: Step): Promise<void> {
        switch (step.kind) {
          case 'ingest': {
            for (let at = 0; at < step.records.length; at += step.size)
              await apply(grown, step.records.slice(at, at + step.size));
            records.push(...step.records);
            return;
          }
          case 'unlink':
          case 'relink': {
            const pair = [identity(step.pair[0]), identity(step.pair[1])] as const;
            if (step.pair[0] === step.pair[1]) return;
            if (step.kind === 'unlink') {
              await graph.unlink(pair, 'test');
              unlinks.set(pairKey(pair), pair);
            } else if (unlinks.delete(pairKey(pair))) await graph.relink(pair);
            else await expect(graph.relink(pair)).rejects.toThrow('never unlinked');
            return;
          }
          case 'split': {
            const profileId = await holderOf(step.of);
            if (profileId === undefined) return;
            const own = new Set(identitiesOf(await fragmentsOf(profileId)).map(identityKey));
            const apart = step.apart.map(identity).filter((one) => own.has(identityKey(one)));
            if (apart.length === 0 || apart.length === own.size) return;
            await graph.split(profileId, apart, 'test');
            for (const row of await rows<{ a: string; b: string; c: string; d: string }>(
              grown.pool,
              'select namespace as a, value as b, other_namespace as c, other_value as d from identity_unlink',
            )) {
              const pair = [
                { namespace: row.a, value: row.b },
                { namespace: row.c, value: row.d },
              ] as const;
              unlinks.set(pairKey(pair), pair);
            }
            const holders = await findIdentityHolders(
              grown.pool,
              [...own].map((key) => {
                const [namespace = '', value = ''] = key.split('\u0000');
                return { namespace, value };
              }),
            );
            const inside = new Set(apart.map((one) => holders.get(identityKey(one))));
            for (const key of own)
              if (!apart.some((one) => identityKey(one) === key) && holders.get(key) !== undefined)
                expect(inside).not.toContain(holders.get(key));
            return;
          }
          case 'delete person': {
            const profileId = await holderOf(step.of);
            if (profileId === undefined) return;
            const fragments = await fragmentsOf(profileId);
            const gone = new Set(identitiesOf(fragments).map(identityKey));
            await deletePerson(options(), { profileId, atDestinations: 'keep', principal: 'test' });
            const keys = new Set(fragments.map(fragmentKey));
            // Others who named one of the person's identities, parted or cut off, no longer do.
            records = records
              .filter((one) => !keys.has(fragmentKey(one)))
              .map((one) => ({
                ...one,
                identities: one.identities.filter((other) => !gone.has(identityKey(other))),
              }));
            for (const [key, pair] of unlinks)
              if (pair.some((one) => gone.has(identityKey(one)))) unlinks.delete(key);
            return;
          }
          case 'delete fragment': {
            const profileId = await holderOf(step.of);
            if (profileId === undefined) return;
            const [gone] = await fragmentsOf(profileId);
            if (gone === undefined) return;
            await transaction(grown.pool, async (trx) => {
              await lockProfileWrites(trx);
              const stored = await readStoredProfiles(trx, [profileId]);
              const left = (stored.fragments.get(profileId) ?? []).filter(
                (one) => fragmentKey(one) !== fragmentKey(gone),
              );
              const { before, after } = await regroupAround(
                trx,
                stored,
                new Map([[profileId, left]]),
                () => true,
              );
              await saveProfiles(trx, before, after, onChange, now());
            });
            records = records.filter((one) => fragmentKey(one) !== fragmentKey(gone));
            return;
          }
        }
      }
    }),
    { numRuns: 30 },
  );
}, 120_000);

describe('parting', () => {
  const graph = () => new IdentityGraph(options());
  const profileOf = async (value: string) => (await holderOf(value)) ?? '';

  test('a merge that is parted gives both profiles their ids back, with their history of events', async () => {
    await apply(grown, [record(['a'], 1), record(['b'], 1), record(['b'], 5, web)]);
    const [a, b] = [await profileOf('a'), await profileOf('b')];
    await apply(grown, [record(['a', 'b'], 2)]);
    const survivor = [a, b].sort()[0];
    expect([await profileOf('a'), await profileOf('b')]).toEqual([survivor, survivor]);
    const { placements, connectedBy } = await graph().unlink([identity('a'), identity('b')], 'test');
    expect(placements.map(({ profileId }) => profileId)).toEqual([a, b]);
    expect(connectedBy).toEqual([]);
    expect(await rows(grown.pool, 'select profile_id as id from profile_event')).toEqual([{ id: b }]);
    await apply(grown, [record(['a', 'b'], 3)]);
    expect([await profileOf('a'), await profileOf('b')]).toEqual([a, b]);
    await graph().relink([identity('a'), identity('b')]);
    expect([await profileOf('a'), await profileOf('b')]).toEqual([survivor, survivor]);
    await expectSound(grown);
  });

  test('a pair that others still connect is told with the records that do', async () => {
    await apply(grown, [record(['a', 'b'], 1), record(['c', 'a', 'b'], 2)]);
    const { placements, connectedBy } = await graph().unlink([identity('a'), identity('b')], 'test');
    expect(new Set(placements.map(({ profileId }) => profileId)).size).toBe(1);
    expect(connectedBy.map(({ primary }) => primary.value)).toEqual(['c']);
  });

  test('identities of another profile, or all of one, cannot be split off', async () => {
    await apply(grown, [record(['a', 'b'], 1), record(['c'], 1)]);
    const a = await profileOf('a');
    const split = (...values: string[]) => graph().split(a, values.map(identity), 'test');
    await expect(split('a', 'c')).rejects.toMatchObject({ details: [{ pointer: '/identities/1' }] });
    await expect(split('a', 'b')).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(graph().split(randomUUID(), [identity('a')], 'test')).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('full graphs', () => {
  test('a cookie that sixty people share joins nobody, however their records come', async () => {
    const people = Array.from({ length: 60 }, (_, index) => record([`p${index}`, 'cookie-kiosk'], index + 1));
    for (let at = 0; at < people.length; at += 7) await apply(grown, people.slice(at, at + 7));
    await expectSound(grown);
    expect(await readPeople(grown)).toHaveLength(60);
    await expectAsFromScratch(people, new Map());
  });

  test('who is deleted from a full graph makes room for what was cut off', async () => {
    const cookies = Array.from({ length: 60 }, (_, index) => record([`cookie-${index}`, 'a'], index + 1));
    await apply(grown, cookies);
    const before = (await readPeople(grown)).length;
    expect(before).toBe(12);
    const oldest = await profileOf('cookie-0');
    expect(oldest).not.toBe(await profileOf('a'));
    await graphOf().unlink([identity('cookie-59'), identity('a')], 'test');
    expect(await profileOf('cookie-10')).toBe(await profileOf('a'));
    await expectSound(grown);
  });
  const graphOf = () => new IdentityGraph(options());
  const profileOf = holderOf;
});
