import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import { rows, transaction } from '../store/database.ts';
import { updateMapping } from '../store/dataflows.ts';
import { resumeDataflow } from '../store/delivery-dataflows.ts';
import { activateSegment, markMembersDue, plainActivation } from './activations.ts';
import { evaluateAndMark, insertDelivery, startWorker } from './delivery.fixture.ts';
import type { DeliveryWorker } from './delivery-worker.ts';
import { verifyDataflow } from './verify-dataflow.ts';

let database: TestDatabase;
let org: MemoryOrg;
let worker: DeliveryWorker;
let stop: () => Promise<void>;
let dataflowId: string;
let segmentId: string;
let datasetId: string;

beforeEach(async () => {
  database = await createDatabase();
  org = new MemoryOrg();
  ({ dataflowId, segmentId, datasetId } = await insertDelivery(database.pool));
  ({ worker, stop } = startWorker(database, org));
});

afterEach(async () => {
  await stop();
  await database.drop();
});

type Person = { id: string; email?: string; lastName?: string; optedOut?: boolean; links?: string[] };
let stamp = 1;

async function ingest(...people: Person[]): Promise<void> {
  const records = people.map(({ id, email, lastName, optedOut, links = [] }): PreparedRecord => {
    const identities = [id, ...links].map((value) => ({ namespace: 'CRMID', value }));
    return {
      datasetId,
      kind: 'profile',
      recordId: id,
      stampMs: stamp++,
      receivedMs: 0,
      batchId: null,
      primary: { namespace: 'CRMID', value: id },
      identities,
      document: {
        ...(email !== undefined && { personalEmail: { address: email } }),
        ...(lastName !== undefined && { person: { name: { lastName } } }),
        ...(optedOut === true && { consents: { marketing: { email: { val: 'n' } } } }),
      },
    };
  });
  const onChange = evaluateAndMark(segmentId);
  await transaction(database.pool, (trx) => applyRecords(trx, records, onChange, new Date()));
  worker.wake();
}

/** Writes to the org are under way that its faults strike. */
const faultsStruck = () => expect.poll(() => org.faults, { timeout: 10_000 }).toEqual([]);
const activate = async (): Promise<void> => {
  await activateSegment(database.pool, dataflowId, segmentId, plainActivation, new Date());
  worker.wake();
};

type State = { status: string; code: string | null; email: string | null; attempts: number };
const states = (): Promise<State[]> =>
  rows<State>(
    database.pool,
    `select e.status, e.code, e.attempts, p.document->'personalEmail'->>'address' as email
     from export_state e left join profile p using (bucket, profile_id)
     where e.member order by email`,
  );

async function settled(): Promise<State[]> {
  const deadline = Date.now() + 25_000;
  for (;;) {
    const [open] = await rows<{ count: number }>(
      database.pool,
      `select (select count(*) from export_state where status = 'pending')
         + (select count(*) from activation where backfilled_at is null) as count`,
    );
    if (open?.count === 0) break;
    if (Date.now() > deadline) throw new Error(`Still pending: ${JSON.stringify(await states())}`);
    await delay(20);
  }
  await expectNumbersAddUp();
  return states();
}

/** Promise 10: received = activated + excluded + failed + pending, and the history tells the same. */
async function expectNumbersAddUp(): Promise<void> {
  const [run] = await rows<Record<string, number>>(
    database.pool,
    `select coalesce(sum(received), 0)::int as received, coalesce(sum(activated + excluded + failed), 0)::int as settled,
       (select count(*)::int from delivery_outcome) as outcomes,
       (select count(*)::int from export_state where status = 'pending') as pending
     from dataflow_run`,
  );
  expect(run?.received).toBe((run?.settled ?? 0) + (run?.pending ?? 0));
  expect(run?.outcomes).toBe(run?.settled);
}

const emails = (): string[] => [...org.records.values()].map((record) => String(record.email)).sort();

describe('delivery', () => {
  test('everyone who qualifies is sent once, the rest excluded or failed with a reason', async () => {
    await ingest(
      { id: '1', email: 'a@example.com', lastName: 'A' },
      { id: '2', email: 'b@example.com', lastName: 'B', optedOut: true },
      { id: '3', lastName: 'C' },
      { id: '4', email: 'refused@example.com', lastName: 'D' },
      { id: '5', email: 'e@example.com' },
    );
    await activate();
    expect(await settled()).toEqual([
      { status: 'activated', code: null, email: 'a@example.com', attempts: 0 },
      { status: 'excluded', code: 'consent_withdrawn', email: 'b@example.com', attempts: 0 },
      { status: 'failed', code: 'INVALID_EMAIL', email: 'refused@example.com', attempts: 0 },
      { status: 'excluded', code: 'required_value_missing', email: null, attempts: 0 },
    ]);
    expect(emails()).toEqual(['a@example.com']);
    const { writes } = org;
    await markMembersDue(database.pool, dataflowId, ['activated'], () => new Date());
    await settled();
    expect(org.writes).toBe(writes);
    expect(
      await verifyDataflow(
        database.pool,
        async () => org,
        dataflowId,
        new Date(),
        new AbortController().signal,
      ),
    ).toMatchObject({ activated: 1, found: 1, equal: 1, segments: [{ segmentId, equal: 1 }] });
  });

  test('promise 4: a change while the write is under way is sent after it', async () => {
    await activate();
    let isFirst = true;
    org.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      await ingest({ id: '1', email: 'a@example.com', lastName: 'New' });
    };
    await ingest({ id: '1', email: 'a@example.com', lastName: 'Old' });
    await settled();
    expect([...org.records.values()]).toEqual([{ email: 'a@example.com', lastName: 'New' }]);
  });

  test.each(['applied, answer lost', 'not applied, answer lost'] as const)(
    'promise 3: a write %s is read back before it is written again',
    async (fault) => {
      org.faults.push(fault);
      await activate();
      await ingest({ id: '1', email: 'a@example.com', lastName: 'A' });
      const [state] = await settled();
      expect(state?.status).toBe('activated');
      expect(emails()).toEqual(['a@example.com']);
      expect(org.reads).toBe(1);
      expect(org.writes).toBe(fault === 'applied, answer lost' ? 1 : 2);
    },
  );

  test('promise 4: a value that came back to the last one settled is still written after a lost answer', async () => {
    await activate();
    await ingest({ id: '1', email: 'a@example.com', lastName: 'First' });
    await settled();
    org.faults.push('applied, answer lost');
    await ingest({ id: '1', email: 'a@example.com', lastName: 'Second' });
    await faultsStruck();
    await ingest({ id: '1', email: 'a@example.com', lastName: 'First' });
    await settled();
    expect([...org.records.values()]).toEqual([{ email: 'a@example.com', lastName: 'First' }]);
  });

  test('two profiles with one e-mail do not fight over one record', async () => {
    await activate();
    await ingest(
      { id: '1', email: 'same@example.com', lastName: 'One' },
      { id: '2', email: 'Same@Example.com', lastName: 'Two' },
    );
    expect((await settled()).map((state) => [state.status, state.code]).sort()).toEqual([
      ['activated', null],
      ['excluded', 'match_key_held'],
    ]);
    expect(org.records.size).toBe(1);
    const [first] = [...org.records.values()];
    const holder = first?.lastName === 'One' ? '1' : '2';
    await ingest({ id: holder, email: 'other@example.com', lastName: 'Moved' });
    expect((await settled()).map((state) => state.status)).toEqual(['activated', 'activated']);
    expect(org.records.size).toBe(2);
    expect([...org.records.keys()][0]).toBe('rec-1');
    expect(org.records.get('rec-1')?.email).toBe('other@example.com');
  });

  test('promise 3: a lost write is read back under the key it was sent with, though the address changed since', async () => {
    await activate();
    org.faults.push('applied, answer lost');
    await ingest({ id: '1', email: 'old@example.com', lastName: 'A' });
    await faultsStruck();
    await ingest({ id: '1', email: 'new@example.com', lastName: 'A' });
    await settled();
    expect(emails()).toEqual(['new@example.com']);
  });

  test('profiles with one key that turn out to be one person are delivered, whichever survives', async () => {
    for (let pair = 0; pair < 6; pair += 1) {
      const email = `twin${pair}@example.com`;
      await ingest({ id: `a${pair}`, email, lastName: 'T' }, { id: `b${pair}`, email, lastName: 'T' });
    }
    await activate();
    await settled();
    for (let pair = 0; pair < 6; pair += 1)
      await ingest({ id: `a${pair}`, email: `twin${pair}@example.com`, lastName: 'T', links: [`b${pair}`] });
    expect((await settled()).map((state) => state.status)).toEqual(Array(6).fill('activated'));
    expect(org.records.size).toBe(6);
  });

  test('records merged at the destination stay with one profile and hold up nobody', async () => {
    await activate();
    await ingest(
      { id: '1', email: 'one@example.com', lastName: 'A' },
      { id: '2', email: 'two@example.com', lastName: 'A' },
    );
    await settled();
    const [kept = '', gone = ''] = [...org.records.keys()];
    org.records.delete(gone);
    org.aliases.set('one@example.com', kept).set('two@example.com', kept);
    await ingest(
      { id: '1', email: 'one@example.com', lastName: 'B' },
      { id: '2', email: 'two@example.com', lastName: 'B' },
      { id: '3', email: 'three@example.com', lastName: 'B' },
    );
    expect((await settled()).map((state) => [state.status, state.code]).sort()).toEqual([
      ['activated', null],
      ['activated', null],
      ['excluded', 'record_held'],
    ]);
  });

  test('promise 10: ingestion, exits and settling beside each other neither fail nor lose count', async () => {
    // No call is lost by itself, however slow the machine.
    org.lostCallMs = 10_000;
    await activate();
    const people = Array.from({ length: 120 }, (_, index) => ({
      id: `p${index}`,
      email: `p${index}@example.com`,
    }));
    for (let round = 0; round < 12; round += 1)
      await ingest(
        ...people.map((person, index) =>
          (index + round) % 3 === 0 ? person : { ...person, lastName: `L${round}` },
        ),
      );
    const states = await settled();
    expect(states).toHaveLength(80);
    expect(states.every((state) => state.status === 'activated')).toBe(true);
    expect(new Set(emails()).size).toBe(org.records.size);
  });

  test('two exported profiles that turn out to be one person keep one record going', async () => {
    await activate();
    await ingest(
      { id: '1', email: 'one@example.com', lastName: 'One' },
      { id: '2', email: 'two@example.com', lastName: 'Two' },
    );
    await settled();
    await ingest({ id: '2', email: 'two@example.com', lastName: 'Joined', links: ['1'] });
    expect(await settled()).toEqual([
      { status: 'activated', code: null, email: 'two@example.com', attempts: 0 },
    ]);
    expect(org.idsOf('two@example.com')).toHaveLength(1);
    expect(org.records.get(org.idsOf('two@example.com')[0] ?? '')?.lastName).toBe('Joined');
    expect(emails()).toEqual(['one@example.com', 'two@example.com']);
  });

  test('a record that is gone is matched by key again', async () => {
    await activate();
    await ingest({ id: '1', email: 'a@example.com', lastName: 'A' });
    await settled();
    org.records.clear();
    await ingest({ id: '1', email: 'a@example.com', lastName: 'B' });
    await settled();
    expect([...org.records.values()]).toEqual([{ email: 'a@example.com', lastName: 'B' }]);
  });

  test('a record that is found and said to be gone, time and again, is tried with growing pauses', async () => {
    org.compare = 'always';
    org.records.set('found', { email: 'a@example.com', lastName: 'Old' });
    org.deliver = async ({ items }) => {
      org.writes += 1;
      return items.map(() => ({ kind: 'record_gone', code: 'GONE', message: 'The record is gone.' }));
    };
    await activate();
    await ingest({ id: '1', email: 'a@example.com', lastName: 'A' });
    await expect.poll(() => org.writes, { timeout: 10_000 }).toBeGreaterThanOrEqual(3);
    await delay(1_000);
    expect(org.writes).toBeLessThanOrEqual(4);
  });

  test('what the destination locks or refuses for now is tried again', async () => {
    org.faults.push('unavailable', 'record locked');
    await activate();
    await ingest({ id: '1', email: 'a@example.com', lastName: 'A' });
    const [state] = await settled();
    expect(state?.status).toBe('activated');
    expect(org.writes).toBe(3);
  });

  test('rejected credentials stop the dataflow with one error; mended, it goes on', async () => {
    await activate();
    org.faults.push('authentication rejected');
    await ingest({ id: '1', email: 'a@example.com', lastName: 'A' });
    const stopped = async () =>
      (
        await rows<{ code: string | null }>(database.pool, `select stopped_by->>'code' as code from dataflow`)
      )[0]?.code;
    await expect.poll(stopped, { timeout: 5_000 }).toBe('destination_authentication_rejected');
    expect((await states()).map((state) => state.status)).toEqual(['pending']);
    org.isPasswordRight = true;
    await resumeDataflow(database.pool, dataflowId);
    worker.resume();
    expect((await settled()).map((state) => state.status)).toEqual(['activated']);
    expect(await stopped()).toBeNull();
  });

  test('promises 2 and 4: what is on its way by an old mapping is sent again by the new one', async () => {
    await activate();
    await ingest({ id: '1', email: 'a@example.com', lastName: 'A' });
    await settled();
    let isFirst = true;
    org.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      await updateMapping(database.pool, dataflowId, [
        { source: { attribute: 'personalEmail.address' }, target: 'email' },
        { source: { attribute: 'person.name.lastName' }, target: 'surname' },
      ]);
      await delay(50);
    };
    await ingest(
      { id: '1', email: 'a@example.com', lastName: 'B' },
      { id: '2', email: 'b@example.com', lastName: 'C' },
    );
    await expect
      .poll(() => [...org.records.values()], { timeout: 5_000 })
      .toMatchObject([
        { email: 'a@example.com', surname: 'B' },
        { email: 'b@example.com', surname: 'C' },
      ]);
    await settled();
  });

  test('promise 3: a write of unknown outcome is left alone until it can no longer be running', async () => {
    org.lostCallMs = 2_000;
    await activate();
    await settled();
    org.faults.push('applied, answer lost');
    await ingest({ id: '1', email: 'a@example.com', lastName: 'A' });
    await expect.poll(() => org.writes, { timeout: 5_000 }).toBe(1);
    const lostAtMs = performance.now();
    await expect.poll(() => org.reads, { timeout: 15_000 }).toBe(1);
    expect(performance.now() - lostAtMs).toBeGreaterThan(1_900);
    expect((await settled()).map((state) => state.status)).toEqual(['activated']);
  });

  test('promise 8: an opt-out before the write is sent ends in an exclusion', async () => {
    await activate();
    await ingest({ id: '1', email: 'a@example.com', lastName: 'A', optedOut: true });
    expect((await settled()).map((state) => state.code)).toEqual(['consent_withdrawn']);
    expect(org.writes).toBe(0);
  });

  test.each([
    ['disabled', 'enabled = false'],
    ['being deleted', 'enabled = false, deleting_at = now()'],
    ['edited', "mapping = jsonb_path_query_array(mapping, '$[0]')"],
  ])('promise 8: of a dataflow that is %s nothing leaves that was claimed before', async (_, change) => {
    org.maxBatchRecords = 1;
    org.lostCallMs = 10_000;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let started = 0;
    let isChanged = false;
    const late: string[] = [];
    org.beforeWrite = async ({ items }) => {
      started += 1;
      if (isChanged) late.push(...items.flatMap(({ fields }) => Object.keys(fields)));
      else await held;
    };
    await activate();
    await ingest(
      ...Array.from({ length: 8 }, (__, at) => ({ id: `${at}`, email: `p${at}@x.com`, lastName: 'Name' })),
    );
    await expect.poll(() => started, { timeout: 10_000 }).toBe(5);
    const inFlight = 'select count(distinct in_flight) as count from export_state';
    const counted = (where = '') => rows(database.pool, `${inFlight} ${where}`);
    await expect.poll(() => counted(), { timeout: 10_000 }).toEqual([{ count: 6 }]);
    await database.pool.query(`update dataflow set ${change}, revision = revision + 1`);
    isChanged = true;
    release();
    await expect
      .poll(() => counted('where in_flight is not null'), { timeout: 10_000 })
      .toEqual([{ count: 0 }]);
    expect(late).not.toContain('lastName');
  });

  test('who leaves the segment stays in the destination and is no member any more', async () => {
    await activate();
    await ingest({ id: '1', email: 'a@example.com', lastName: 'A' });
    await settled();
    await ingest({ id: '1', email: 'a@example.com' });
    expect(await settled()).toEqual([]);
    expect(emails()).toEqual(['a@example.com']);
    await ingest({ id: '1', email: 'a@example.com', lastName: 'A' });
    expect((await settled()).map((state) => state.status)).toEqual(['activated']);
    expect(org.records.size).toBe(1);
  });
});
