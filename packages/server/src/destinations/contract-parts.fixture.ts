import { setTimeout as delay } from 'node:timers/promises';
import type {
  BulkResult,
  DeliveryBatch,
  DeliveryItem,
  DeliveryOutcome,
  DestinationConnection,
  ListMembership,
  SegmentStanding,
} from '@headrace/core';
import { expect, test } from 'vitest';
import type { FarSide, Subject } from './contract.fixture.ts';

/** What the parts of the suite that follow share with the rest of it. */
export type ContractTools = {
  open(): Promise<{ readonly farSide: FarSide; readonly connection: DestinationConnection }>;
  create(connection: DestinationConnection, count: number): Promise<string[]>;
  batchOf(
    connection: DestinationConnection,
    people: readonly { readonly key: string; readonly city: string }[],
    recordIds?: readonly (string | undefined)[],
  ): DeliveryBatch;
  idsOf(outcomes: readonly DeliveryOutcome[]): string[];
};

const never = new AbortController().signal;
const person = (at: number, city = 'Ulm') => ({ key: `person${at}@example.com`, city });
const standing = (name: string, more: Partial<SegmentStanding> = {}): SegmentStanding => ({
  segmentId: name,
  name,
  mappingId: null,
  listId: null,
  status: 'realized',
  onExit: 'write_status',
  ...more,
});

/** Lists, where a destination keeps them: an own one for each segment, and who stands where. */
export function describeLists(subject: Subject, { open, create, batchOf, idsOf }: ContractTools): void {
  test('who joins a segment, leaves it and is taken off stands so on its list, however often it is said', async () => {
    const { connection, farSide } = await open();
    const [recordId = ''] = await create(connection, 1);
    const listId = await connection.ensureList(standing('Gold'), subject.details, never);
    if (listId === null) throw new Error('The destination keeps no lists under these details.');
    const told = (more: Partial<SegmentStanding>): readonly ListMembership[] =>
      connection.prepareMemberships([standing('Gold', { listId, ...more })], subject.details).lists;
    const write = async (lists: readonly ListMembership[]): Promise<string | null> => {
      const { items, ...batch } = batchOf(connection, [person(0)], [recordId]);
      const listed = items.map((item): DeliveryItem => ({ ...item, fields: {}, lists }));
      expect(idsOf(await connection.deliver({ ...batch, items: listed }, never))).toEqual([recordId]);
      if (connection.canRead)
        expect(await connection.read({ ...batch, items: listed }, never)).toMatchObject([
          { kind: 'found', recordId, differingLists: [] },
        ]);
      return farSide.statusOn(listId, recordId);
    };
    const joined = await write(told({}));
    expect(joined).toEqual(told({})[0]?.status);
    expect(await write(told({ status: 'existing' }))).toBe(joined);
    expect(await write(told({ status: 'exited', onExit: 'nothing' }))).toBe(joined);
    const left = await write(told({ status: 'exited' }));
    expect(left).not.toBe(joined);
    expect(await write(told({ status: 'exited' }))).toBe(left);
    expect(await write(told({ status: 'exited', onExit: 'remove' }))).toBe(null);
    expect(await write(told({ status: 'exited', onExit: 'remove' }))).toBe(null);
    expect(await write(told({}))).toBe(joined);
    expect(await farSide.count()).toBe(1);
  });

  test('two segments with one Mapping ID are refused, or have a list each', async () => {
    const { connection } = await open();
    const segments = ['Gold', 'Silver'].map((name) => standing(name, { mappingId: 'Shared' }));
    const dataflow = { details: subject.details, mapping: [] };
    const refusal: unknown = await connection.checkMemberships(segments, dataflow, never).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal === undefined) {
      const lists = await Promise.all(
        segments.map((segment) => connection.ensureList(segment, subject.details, never)),
      );
      expect(new Set(lists).size).toBe(2);
    } else
      expect(refusal).toMatchObject({
        code: 'destination_misconfigured',
        message: expect.stringMatching(/"Gold" and "Silver"/),
      });
  });

  test.each([['realized', 'exited'] as const, ['exited', 'realized'] as const])(
    'of two segments that have one list all the same, %s and %s, the record is on it',
    async (first, second) => {
      const { connection } = await open();
      const listId = await connection.ensureList(standing('Gold'), subject.details, never);
      const of = (name: string, status: SegmentStanding['status']) =>
        standing(name, { listId, mappingId: 'Shared', status });
      const told = (...standings: readonly SegmentStanding[]) =>
        connection.prepareMemberships(standings, subject.details).lists;
      expect(told(of('Gold', first), of('Silver', second))).toEqual(told(of('Gold', 'realized')));
    },
  );
}

/** What is written of a record, and to which. */
export function describeRecords(subject: Subject, { open, create, batchOf, idsOf }: ContractTools): void {
  test.each([
    ['holds nothing', undefined, 'Bonn'],
    ['holds something', 'Ulm', 'Ulm'],
  ])('a value for where the record holds nothing, which %s', async (_, held, after) => {
    const { connection, farSide } = await open();
    const { city, ...others } = subject.valuesOf(person(0, held));
    const values = held === undefined ? others : { ...others, city: city ?? null };
    const { details } = subject;
    const prepare = (given: typeof values, ifEmpty: ReadonlySet<string>): DeliveryBatch => {
      const record = connection.prepare({ values: given, ifEmpty, details });
      if (record.kind !== 'record') throw new Error(record.message);
      const item = { ...record, recordId: null, lists: [] };
      return { ...batchOf(connection, [person(0)]), items: [item] };
    };
    const [recordId = ''] = idsOf(await connection.deliver(prepare(values, new Set()), never));
    const batch = prepare({ ...others, city: 'Bonn' }, new Set(['city']));
    const [item] = batch.items;
    if (item === undefined) throw new Error('Nothing was prepared.');
    expect(item.ifEmpty).toHaveLength(1);
    // As the engine does: what is read says what is written.
    const [read] = await connection.read(batch, never);
    if (read?.kind !== 'found') throw new Error('The record is not found.');
    if (connection.canRead) expect(read.differing).toEqual(held === undefined ? item.ifEmpty : []);
    const fields = Object.fromEntries(
      Object.entries(item.fields).filter(([name]) => read.differing.includes(name)),
    );
    if (Object.keys(fields).length > 0)
      idsOf(
        await connection.deliver(
          { ...batch, group: 'update', items: [{ ...item, recordId, fields }] },
          never,
        ),
      );
    expect(await farSide.cityOf(recordId)).toBe(after);
  });

  test('promise 3: people who exchange keys are a record each, and none is removed', async () => {
    const { connection, farSide } = await open();
    const ids = await create(connection, 2);
    const order = connection.recordIdsFollowKeys ? ids : ids.toReversed();
    const batch = batchOf(connection, [person(0, 'Bonn'), person(1, 'Rom')], order);
    expect(idsOf(await connection.deliver(batch, never))).toEqual(order);
    expect(
      idsOf(await connection.deliver(batchOf(connection, [person(0, 'Bonn'), person(1, 'Rom')]), never)),
    ).toEqual(order);
    expect(await Promise.all(order.map((id) => farSide.cityOf(id)))).toEqual(['Bonn', 'Rom']);
    expect(await farSide.count()).toBe(2);
  });
}

/** Jobs, where a destination takes them. */
export function describeJobs({ open, batchOf }: ContractTools): void {
  test('promise 3: a job writes nothing before it is closed, and then tells of each record by its key', async () => {
    const { connection, farSide } = await open();
    const { bulk } = connection;
    if (bulk === undefined) throw new Error('The destination takes no jobs.');
    const { items, ...batch } = batchOf(connection, [person(0), person(1), person(2)]);
    const order = { ...batch, fields: [...new Set(items.flatMap(({ fields }) => Object.keys(fields)))] };
    const encoded = items.map((item) => bulk.encode(order, item));
    const keys = encoded.flatMap((row) => row?.rowKey ?? []);
    expect(new Set(keys).size).toBe(3);
    async function* content() {
      yield Buffer.from(bulk?.encodeHeader(order) ?? '');
      for (const row of encoded) yield Buffer.from(row?.text ?? '');
    }
    const opened = async () => {
      const jobId = await bulk.open(order, never);
      await bulk.upload(jobId, content(), never);
      return jobId;
    };
    const abandoned = await opened();
    const jobId = await opened();
    expect(await bulk.look(jobId, never)).toEqual({ kind: 'open' });
    await bulk.abort(abandoned, never);
    expect(await farSide.count()).toBe(0);
    await bulk.close(jobId, never);
    for (;;) {
      const status = await bulk.look(jobId, never);
      if (status.kind === 'working') await delay(20);
      else if (status.kind !== 'ended') throw new Error(`The job is ${status.kind}.`);
      else {
        expect(status).toMatchObject({ processed: 3, failed: 0, error: null });
        const results: BulkResult[] = [];
        for await (const page of bulk.results(jobId, order, status, never)) results.push(...page);
        expect(new Map(results.map(({ rowKey, outcome }) => [rowKey, outcome.kind]))).toEqual(
          new Map(keys.map((key) => [key, 'activated'])),
        );
        expect(await farSide.count()).toBe(3);
        return;
      }
    }
  });
}
