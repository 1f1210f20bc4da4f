import { setTimeout as delay } from 'node:timers/promises';
import type { Identity } from '@headrace/core';
import { createDatabase, MemoryOrg, type MemoryOrgFault, type TestDatabase } from '@headrace/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import { deletePerson } from '../ingestion/delete-person.ts';
import { IdentityGraph } from '../ingestion/part-identities.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import type { ProfileChangeListener } from '../ingestion/save-profiles.ts';
import { rows, transaction } from '../store/database.ts';
import { countDataflowMembers, readDataflowRecords } from '../store/dataflow-reports.ts';
import { findProfileByIdentity } from '../store/identities.ts';
import { type AtDestinations, readProfileDeletion } from '../store/profile-deletions.ts';
import { activateSegment, plainActivation } from './activations.ts';
import { evaluateAndMark, insertDelivery, startWorker } from './delivery.fixture.ts';
import type { DeliveryWorker } from './delivery-worker.ts';

let database: TestDatabase;
let org: MemoryOrg;
let worker: DeliveryWorker;
let stop: () => Promise<void>;
let dataflowId: string;
let segmentId: string;
let datasetId: string;

beforeEach(async () => {
  database = await createDatabase();
  await begin();
});
afterEach(async () => {
  await stop();
  await database.drop();
});

async function begin(tellsMemberships = false): Promise<void> {
  org = new MemoryOrg();
  // No call is lost by itself, however slow the machine.
  org.lostCallMs = 10_000;
  const { pool } = database;
  await pool.query(
    'truncate xdm_schema, account, segment, profile, identity, identity_unlink, profile_fragment, export_state, match_claim cascade',
  );
  await pool.query(
    'truncate profile_event, profile_change, profile_deletion, delivery_outcome, graph_overflow',
  );
  ({ dataflowId, segmentId, datasetId } = await insertDelivery(pool));
  await pool.query('update dataflow set tells_memberships = $1', [tellsMemberships]);
  ({ worker, stop } = startWorker(database, org));
  await activateSegment(pool, dataflowId, segmentId, plainActivation, new Date());
}

const onChange: ProfileChangeListener = (...change) => evaluateAndMark(segmentId)(...change);
const options = () => ({
  pool: database.pool,
  onChange,
  onCommit: () => worker.wake(),
  now: () => new Date(),
});
const graph = () => new IdentityGraph(options());
const id = (value: string): Identity => ({ namespace: 'CRMID', value });
const mailOf = (value: string) => `${value}@example.com`;

type Person = { id: string; email?: string; lastName?: string; links?: readonly string[] };
let stamp = 1;
async function ingest(...people: Person[]): Promise<void> {
  const records = people.map(({ id: own, email = mailOf(own), lastName, links = [] }): PreparedRecord => {
    stamp += 1;
    return {
      datasetId,
      kind: 'profile',
      recordId: own,
      stampMs: stamp,
      receivedMs: 0,
      batchId: null,
      primary: id(own),
      identities: [...new Set([own, ...links])].map(id),
      document: {
        personalEmail: { address: email },
        ...(lastName !== undefined && { person: { name: { lastName } } }),
      },
    };
  });
  await transaction(database.pool, (trx) => applyRecords(trx, records, onChange, new Date()));
  worker.wake();
}

const profileOf = async (value: string): Promise<string> =>
  (await findProfileByIdentity(database.pool, id(value))) ?? '';

/** The next write is not answered, and is known to be over soon. */
function loseAnswer(fault: MemoryOrgFault): void {
  org.lostCallMs = 300;
  org.faults.push(fault);
}

async function settled(): Promise<void> {
  // Where calls are lost quickly, a busy machine loses some by itself, and delivery pauses longer each time.
  const deadline = Date.now() + 60_000;
  for (;;) {
    const [open] = await rows<{ count: number }>(
      database.pool,
      `select (select count(*) from export_state where status = 'pending')
         + (select count(*) from profile_deletion where finished_at is null) as count`,
    );
    if (open?.count === 0) break;
    if (Date.now() > deadline)
      throw new Error(
        `Still pending: ${JSON.stringify(await rows(database.pool, 'select * from export_state'))}`,
      );
    await delay(15);
  }
  await expectRight();
}

/** Promises 2, 3 and 10: whoever should be there is, once, as the profile says; and the numbers add up. */
async function expectRight(): Promise<void> {
  const { pool } = database;
  type Row = {
    profileId: string;
    status: string | null;
    code: string | null;
    recordId: string | null;
    email: string;
    lastName: string | null;
  };
  const people = await rows<Row>(
    pool,
    `select p.profile_id as "profileId", e.status, e.code, e.record_id as "recordId",
       p.document->'personalEmail'->>'address' as email, p.document->'person'->'name'->>'lastName' as "lastName"
     from profile p left join export_state e using (bucket, profile_id)`,
  );
  const members = people.filter(({ lastName }) => lastName !== null);
  const claims = new Map(
    (
      await rows<{ key: string; id: string }>(
        pool,
        'select match_key as key, profile_id as id from match_claim',
      )
    ).map(({ key, id: holder }) => [key, holder]),
  );
  for (const { status, code, recordId, email, lastName, profileId } of members) {
    if (status === 'activated')
      expect({ profileId, holds: org.records.get(recordId ?? '') }).toEqual({
        profileId,
        holds: { email, lastName },
      });
    else {
      expect({ profileId, status, code }).toEqual({ profileId, status: 'excluded', code: 'match_key_held' });
      // By another member: for itself, or as the key of a record that a merge superseded.
      expect(members.map((other) => other.profileId)).toContain(claims.get(email));
      expect(claims.get(email)).not.toBe(profileId);
    }
  }
  const kept = members.flatMap(({ status, recordId }) => (status === 'activated' ? [recordId] : []));
  expect(new Set(kept).size).toBe(kept.length);
  // No record of ours is forgotten: it is some profile's, and if not its own then a superseded one, or stayed behind of a
  // deleted person.
  const known = await rows<{ recordId: string }>(
    pool,
    `select record_id as "recordId" from match_claim
     union select record->>'recordId' from profile_deletion, jsonb_array_elements(facts->'records') as record
     where record->>'outcome' in ('kept', 'failed')`,
  );
  expect(known.map(({ recordId }) => recordId)).toEqual(expect.arrayContaining([...org.records.keys()]));
  // Those that profiles are written to; what a superseded one holds is for a person to decide.
  const own = new Set(people.map(({ recordId }) => recordId));
  const emails = [...org.records].flatMap(([recordId, { email }]) => (own.has(recordId) ? [email] : []));
  expect(new Set(emails).size).toBe(emails.length);

  // Of those that are anybody's, who is kept is on the list, and nobody else.
  const { rows: left } = await pool.query<{ id: string }>(
    `select record->>'recordId' as id from profile_deletion, jsonb_array_elements(facts->'records') as record`,
  );
  // Members that wait for a key which another has are in their segment all the same.
  const heldUp = members.flatMap(({ status, recordId }) => (status === 'excluded' ? (recordId ?? []) : []));
  const lost = new Set([...left.map(({ id: recordId }) => recordId), ...heldUp]);
  const listed = [...(org.lists.get('list seg') ?? [])].flatMap(([recordId, status]) =>
    status === 'member' && (kept.includes(recordId) || !lost.has(recordId)) ? [recordId] : [],
  );
  if (org.listCalls > 0) expect(listed.toSorted()).toEqual(kept.toSorted());

  const counts = await countDataflowMembers(pool, dataflowId);
  expect(counts).toEqual({
    members: members.length,
    pending: 0,
    failed: 0,
    activated: kept.length,
    excluded: members.length - kept.length,
  });
  const [run] = await rows<Record<string, number>>(
    pool,
    `select coalesce(sum(received), 0)::int as received, coalesce(sum(activated + excluded + failed), 0)::int as settled,
       (select count(*)::int from delivery_outcome) as outcomes from dataflow_run`,
  );
  expect(run?.received).toBe(run?.settled);
  expect(run?.outcomes).toBe(run?.settled);
}

const recordsOf = async (profileId: string) =>
  (
    await readDataflowRecords(database.pool, {
      dataflowId,
      status: undefined,
      code: undefined,
      after: undefined,
      limit: 1_000,
    })
  ).find((record) => record.profileId === profileId);

describe('merge and split of exported profiles', () => {
  test.each(['1', '2'])(
    'promises 2, 3: the record of the key that goes on goes on, the other is superseded, %s newest',
    async (newest) => {
      const other = newest === '1' ? '2' : '1';
      await ingest({ id: '1', lastName: 'One' }, { id: '2', lastName: 'Two' });
      await settled();
      const [before1, before2] = [await profileOf('1'), await profileOf('2')];
      const recordOf = async (profileId: string) => (await recordsOf(profileId))?.recordId ?? '';
      const records = { '1': await recordOf(before1), '2': await recordOf(before2) } as Record<
        string,
        string
      >;

      for (const round of ['first', 'second']) {
        await ingest({ id: newest, lastName: `Joined ${round}`, links: [other] });
        await settled();
        const survivor = await profileOf('1');
        expect(await profileOf('2')).toBe(survivor);
        expect(await recordsOf(survivor)).toMatchObject({
          status: 'activated',
          recordId: records[newest],
          supersededRecords: [{ recordId: records[other] }],
        });
        const merged = survivor === before1 ? before2 : before1;
        expect(await recordsOf(merged)).toMatchObject({ status: 'exited', code: 'profile_merged' });
        expect(org.records.size).toBe(2);

        await graph().unlink([id('1'), id('2')], 'test');
        await settled();
        expect([await profileOf('1'), await profileOf('2')]).toEqual([before1, before2]);
        expect([await recordOf(before1), await recordOf(before2)]).toEqual([records['1'], records['2']]);
        expect((await recordsOf(before1))?.supersededRecords).toEqual([]);
        await graph().relink([id('1'), id('2')]);
        await settled();
        await graph().split(await profileOf('1'), [id(newest)], 'test');
        await ingest({ id: '1', lastName: `One ${round}` }, { id: '2', lastName: `Two ${round}` });
        await settled();
        expect(org.records.size).toBe(2);
        await graph().relink([id('1'), id('2')]);
        await graph().unlink([id('1'), id('2')], 'test');
        await settled();
        await graph().relink([id('1'), id('2')]);
        await settled();
        await graph().unlink([id('1'), id('2')], 'test');
        await settled();
        await graph().relink([id('1'), id('2')]);
        await graph().unlink([id('1'), id('2')], 'test');
        await graph().relink([id('1'), id('2')]);
        await graph().split(await profileOf('2'), [id('2')], 'test');
        await settled();
        await deleteUnlinks();
      }
    },
  );

  const deleteUnlinks = () => graph().relink([id('1'), id('2')]);

  test('promise 3: a record made by the merged profile is not made again by the one that gets its id back', async () => {
    await ingest({ id: '1', lastName: 'One' }, { id: '2' });
    await settled();
    await ingest({ id: '2', lastName: 'Two', links: ['1'] });
    await settled();
    expect(org.records.size).toBe(1);
    await graph().unlink([id('1'), id('2')], 'test');
    await settled();
    expect([...org.records.values()].map(({ email }) => email).sort()).toEqual([mailOf('1'), mailOf('2')]);
  });

  test('promise 2: who is split off as someone new takes the record of the key, when the other has left', async () => {
    await ingest({ id: '1', email: mailOf('2'), lastName: 'Both', links: ['2'] });
    await ingest({ id: '2', lastName: 'Two', links: [] });
    await settled();
    const [recordId] = [...org.records.keys()];
    // Delivered before the split, the record would go on under the key of the first.
    await stop();
    await ingest({ id: '1' });
    await graph().split(await profileOf('1'), [id('2')], 'test');
    ({ worker, stop } = startWorker(database, org));
    await settled();
    expect([...org.records]).toEqual([[recordId, { email: mailOf('2'), lastName: 'Two' }]]);
    await ingest({ id: '1', lastName: 'One' });
    await settled();
    expect(org.records.size).toBe(2);
  });

  const moments: readonly (MemoryOrgFault | 'answered')[] = [
    'answered',
    'applied, answer lost',
    'not applied, answer lost',
  ];
  const hows = ['merge', 'split', 'merge and split', 'split and merge'] as const;
  const cases = moments.flatMap((fault) => hows.map((how) => [how, fault] as const));
  test.each(cases)('promises 2, 3: a %s while a request is in flight, %s', async (how, fault) => {
    const [isMerged, isFirst] = [how.startsWith('split'), { value: true }];
    await ingest({ id: '1', lastName: 'One' }, { id: '2', lastName: 'Two', links: isMerged ? ['1'] : [] });
    if (how !== 'merge') await settled();
    const merge = () => ingest({ id: '1', lastName: 'Joined', links: ['2'] });
    const part = () => graph().unlink([id('1'), id('2')], 'test');
    if (fault !== 'answered') loseAnswer(fault);
    org.beforeWrite = async () => {
      if (!isFirst.value) return;
      isFirst.value = false;
      if (how === 'merge') await merge();
      if (how === 'split') await part();
      if (how === 'merge and split') {
        await merge();
        await part();
      }
      if (how === 'split and merge') {
        await part();
        await graph().relink([id('1'), id('2')]);
      }
    };
    await ingest({ id: '1', lastName: 'One again' }, { id: '2', lastName: 'Two again' });
    await settled();
    expect(isFirst.value).toBe(false);
    expect(org.records.size).toBeLessThanOrEqual(2);
  });

  test('promise 2: members who exchange their keys keep their records', async () => {
    const people = ['1', '2', '3'];
    await ingest(...people.map((one) => ({ id: one, lastName: `L${one}` })));
    await settled();
    const before = await Promise.all(
      people.map(async (one) => (await recordsOf(await profileOf(one)))?.recordId),
    );
    await ingest(
      ...people.map((one, index) => ({
        id: one,
        email: mailOf(people[(index + 1) % people.length] ?? ''),
        lastName: `L${one}`,
      })),
    );
    await settled();
    const after = await Promise.all(
      people.map(async (one) => (await recordsOf(await profileOf(one)))?.recordId),
    );
    expect(after).toEqual(before);
    expect(org.records.size).toBe(3);
  });

  test('promises 2, 3: a change of key that did not arrive keeps the former key from others until it has', async () => {
    await ingest({ id: '1', email: 'same@example.com', lastName: 'One' });
    await settled();
    await ingest({ id: '2', email: 'same@example.com', lastName: 'Two' });
    await settled();
    loseAnswer('not applied, answer lost');
    await ingest({ id: '1', email: 'other@example.com', lastName: 'One' });
    const seen: unknown[] = [];
    org.beforeWrite = async () => {
      seen.push(org.records.get('rec-1')?.lastName);
    };
    await settled();
    expect([...org.records.values()].map(({ email }) => email).sort()).toEqual([
      'other@example.com',
      'same@example.com',
    ]);
    expect((await recordsOf(await profileOf('1')))?.recordId).toBe('rec-1');
    expect(new Set(seen)).toEqual(new Set(['One']));
    expect(await recordsOf(await profileOf('2'))).toMatchObject({ status: 'activated' });
  });

  test('a request that was answered holds up the merged profile no longer', async () => {
    org.lostCallMs = 60_000;
    await ingest({ id: '1', lastName: 'One' }, { id: '2', lastName: 'Two' });
    org.beforeWrite = async () => {
      org.beforeWrite = async () => undefined;
      await ingest({ id: '1', lastName: 'Joined', links: ['2'] });
    };
    const began = performance.now();
    await settled();
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe('deleting people', () => {
  const deletePersonOf = async (value: string, atDestinations: AtDestinations) =>
    deletePerson(options(), { profileId: await profileOf(value), atDestinations, principal: 'test' });
  const deletion = (deletionId: string) => readProfileDeletion(database.pool, deletionId);
  const everything = async (): Promise<string> =>
    JSON.stringify([
      ...(await Promise.all(
        [
          'profile',
          'profile_fragment',
          'identity',
          'identity_unlink',
          'graph_overflow',
          'export_state',
          'match_claim',
          'delivery_outcome',
          'profile_change',
          'profile_deletion',
          'segment_membership',
        ].map((table) => rows(database.pool, `select * from ${table}`)),
      )),
    ]);

  test.each(['keep', 'delete'] as const)(
    'nothing of a person is left; the record: %s',
    async (atDestinations) => {
      await ingest({ id: 'gone', lastName: 'Gone' }, { id: 'stays', lastName: 'Stays' });
      await settled();
      await ingest({ id: 'gone', lastName: 'Goner' });
      await settled();
      const profileId = await profileOf('gone');
      const recordId = (await recordsOf(profileId))?.recordId ?? '';
      const deletionId = await deletePersonOf('gone', atDestinations);
      await settled();
      expect(await everything()).not.toMatch(/gone/i);
      expect(await recordsOf(profileId)).toMatchObject({
        status: 'exited',
        code: 'person_deleted',
        recordId,
      });
      expect(await deletion(deletionId)).toMatchObject({
        finishedAt: expect.any(Date),
        facts: {
          fragments: 1,
          records: [{ recordId, outcome: atDestinations === 'keep' ? 'kept' : 'deleted' }],
        },
      });
      const emails = () => [...org.records.values()].map(({ email }) => email).sort();
      expect(emails()).toEqual(
        atDestinations === 'keep' ? ['gone@example.com', 'stays@example.com'] : ['stays@example.com'],
      );
      const again = deletePerson(options(), { profileId, atDestinations, principal: 'test' });
      await expect(again).rejects.toMatchObject({ code: 'not_found' });
      const { writes } = org;
      await ingest({ id: 'stays', lastName: 'Stays' });
      await settled();
      expect(org.writes).toBe(writes);

      await ingest({ id: 'gone', lastName: 'New' });
      await settled();
      expect(await profileOf('gone')).not.toBe(profileId);
      expect(emails()).toEqual(['gone@example.com', 'stays@example.com']);
    },
  );

  test('records that a merge superseded are deleted, too', async () => {
    await ingest({ id: '1', lastName: 'One' }, { id: '2', lastName: 'Two' });
    await settled();
    await ingest({ id: '1', lastName: 'Joined', links: ['2'] });
    await settled();
    const deletionId = await deletePersonOf('2', 'delete');
    await settled();
    expect(org.records.size).toBe(0);
    expect((await deletion(deletionId))?.facts.records).toHaveLength(2);
    expect(await everything()).not.toContain('@example.com');
  });

  test('who waited for the key of a deleted person is delivered', async () => {
    await ingest({ id: '1', email: 'same@example.com', lastName: 'One' });
    await settled();
    await ingest({ id: '2', email: 'same@example.com', lastName: 'Two' });
    await settled();
    await deletePersonOf('1', 'delete');
    await settled();
    expect([...org.records.values()]).toEqual([{ email: 'same@example.com', lastName: 'Two' }]);
  });

  test('promise 2: who had given the key to a deleted person, with the record, is delivered anew', async () => {
    await ingest({ id: '1', email: 'same@example.com', lastName: 'One' });
    await settled();
    await ingest({ id: '1', email: 'same@example.com' });
    await settled();
    await ingest({ id: '2', email: 'same@example.com', lastName: 'One' });
    await settled();
    expect(org.records.size).toBe(1);
    await stop();
    await deletePersonOf('2', 'delete');
    await ingest({ id: '1', email: 'same@example.com', lastName: 'One' });
    ({ worker, stop } = startWorker(database, org));
    await settled();
    expect([...org.records.values()]).toEqual([{ email: 'same@example.com', lastName: 'One' }]);
  });

  test.each(['answered', 'applied, answer lost', 'not applied, answer lost'] as const)(
    'promise 3: a person deleted while a request of theirs is in flight, %s, is not made again',
    async (fault) => {
      if (fault !== 'answered') loseAnswer(fault);
      org.beforeWrite = async () => {
        org.beforeWrite = async () => undefined;
        await deletePersonOf('1', 'delete');
      };
      await ingest({ id: '1', lastName: 'One' });
      await settled();
      expect([...org.records]).toEqual([]);
      expect(await everything()).not.toContain('@example.com');
    },
  );

  test.each(['applied, answer lost', 'not applied, answer lost', 'unavailable', 'record locked'] as const)(
    'a removal that is %s is repeated until its outcome is known',
    async (fault) => {
      await ingest({ id: '1', lastName: 'One' });
      await settled();
      org.removalFaults.push(fault);
      const deletionId = await deletePersonOf('1', 'delete');
      await settled();
      expect(org.records.size).toBe(0);
      expect(org.removals).toBe(2);
      const outcome = fault === 'applied, answer lost' ? 'absent' : 'deleted';
      expect(await deletion(deletionId)).toMatchObject({ facts: { records: [{ outcome }] } });
    },
  );

  test('a record that the destination does not let go is told', async () => {
    await ingest({ id: '1', lastName: 'One' });
    await settled();
    org.protectedRecords.add([...org.records.keys()][0] ?? '');
    const deletionId = await deletePersonOf('1', 'delete');
    await settled();
    expect(await deletion(deletionId)).toMatchObject({
      facts: { records: [{ outcome: 'failed', code: 'PROTECTED' }] },
    });
  });
});

type Step =
  | { readonly kind: 'ingest'; readonly people: readonly Person[] }
  | {
      readonly kind: 'unlink' | 'relink' | 'split' | 'delete' | 'keep';
      readonly of: string;
      readonly other: string;
    }
  | { readonly kind: 'fault'; readonly fault: MemoryOrgFault }
  | { readonly kind: 'wait'; readonly ms: number };

test('promises 2, 3 and 10: whatever is merged, parted and deleted while delivery runs, everyone ends right and once', async () => {
  const name = fc.constantFrom('1', '2', '3', '4');
  const person = fc.record({
    id: name,
    email: fc.constantFrom(undefined, 'shared@example.com', 'moved@example.com'),
    lastName: fc.constantFrom('A', 'B', undefined),
    links: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.tuple(name) }),
  });
  const steps: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('ingest' as const),
        people: fc.array(person, { minLength: 1, maxLength: 3 }).map((people) =>
          people.map(({ email, lastName, ...rest }) => ({
            ...rest,
            ...(email !== undefined && { email }),
            ...(lastName !== undefined && { lastName }),
          })),
        ),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'unlink' as const,
          'relink' as const,
          'split' as const,
          'delete' as const,
          'keep' as const,
        ),
        of: name,
        other: name,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('fault' as const),
        fault: fc.constantFrom<MemoryOrgFault>(
          'applied, answer lost',
          'not applied, answer lost',
          'record locked',
        ),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 3, maxLength: 14 }), fc.boolean(), async (all, tells) => {
      await stop();
      await begin(tells);
      org.lostCallMs = 300;
      org.beforeWrite = () => delay(8);
      for (const step of all) await run(step);
      await settled();
    }),
    { numRuns: Number(process.env.RUNS ?? 15), endOnFailure: true },
  );

  async function run(step: Step): Promise<void> {
    switch (step.kind) {
      case 'ingest':
        return ingest(...step.people);
      case 'fault':
        org.faults.push(step.fault);
        return;
      case 'wait':
        return delay(step.ms);
      case 'unlink':
      case 'relink': {
        if (step.of === step.other) return;
        const pair = [id(step.of), id(step.other)] as const;
        if (step.kind === 'unlink') await graph().unlink(pair, 'test');
        else
          await graph()
            .relink(pair)
            .catch(() => undefined);
        return;
      }
      case 'split': {
        const profileId = await profileOf(step.of);
        if (profileId !== '')
          await graph()
            .split(profileId, [id(step.of)], 'test')
            .catch(() => undefined);
        return;
      }
      default: {
        const profileId = await profileOf(step.of);
        if (profileId === '') return;
        await deletePerson(options(), { profileId, atDestinations: step.kind, principal: 'test' });
      }
    }
  }
}, 240_000);

test('promises 2, 3, 7 and 10: twenty writers on overlapping people, with splits between, beside delivery', async () => {
  org.beforeWrite = () => delay(2);
  const writers = Array.from({ length: 20 }, async (_, writer) => {
    for (let round = 0; round < 6; round += 1) {
      const people = Array.from({ length: 8 }, (_person, index) => {
        const own = `p${(writer * 7 + round * 3 + index) % 40}`;
        return {
          id: own,
          lastName: `W${writer} R${round}`,
          links: index % 4 === 0 ? [`p${(writer + index) % 40}`] : [],
        };
      });
      await ingest(...people);
      if (round % 3 === 1) await graph().unlink([id(`p${writer}`), id(`p${(writer + 4) % 40}`)], 'test');
    }
  });
  await Promise.all(writers);
  await settled();
}, 60_000);
