import {
  type CallPurpose,
  type DataflowDetails,
  type DeliveryBatch,
  type DeliveryGroup,
  type DeliveryItem,
  type DeliveryOutcome,
  type DestinationCall,
  type DestinationConnection,
  type DestinationPorts,
  HeadraceError,
  type MappedValues,
  type SegmentStanding,
} from '@headrace/core';
import { describe, expect, test } from 'vitest';
import { heldSecrets } from '../catalog/account-secrets.ts';
import { describeJobs, describeLists, describeRecords } from './contract-parts.fixture.ts';

/** A destination to be tried, with what stands at its other end, fresh for one test. */
export type FarSide = {
  /** Opens a connection; `isRight` false: with credentials that the far side refuses. */
  connect(ports: DestinationPorts, isRight?: boolean): DestinationConnection;
  /** How many records it holds. */
  count(): Promise<number>;
  /** How many requests came to it. */
  requests(): Promise<number>;
  /** What a record holds as its city. */
  cityOf(recordId: string): Promise<unknown>;
  /** How a record stands on a list; null where it is not on it. */
  statusOn(listId: string, recordId: string): Promise<string | null>;
  /** Somebody there deletes a record. */
  deleteRecord(recordId: string): Promise<void>;
  /** The answer to the next write or removal is lost. */
  loseAnswer(when: 'before_write' | 'after_write'): Promise<void>;
  /** No request about records is answered any more; undefined where none travels. */
  hang: (() => Promise<void>) | undefined;
  /** What no message may hold. */
  readonly secrets: readonly string[];
};

/** What the suite needs to know of a destination to make records for it. */
export type Subject = {
  readonly details: DataflowDetails;
  /** A person's values; `city` is a field that may change, `key` what the person is matched by. */
  valuesOf(person: { readonly key: string; readonly city: string }): MappedValues;
  /** Values that no record can be made of. */
  readonly unsendable: MappedValues;
  /** Whether calls leave this process, so that they are counted and can be given up. */
  readonly isRemote: boolean;
  /** Whether it takes large backlogs as jobs. */
  readonly takesJobs: boolean;
  open(): Promise<FarSide>;
};

/** Ports that count, and can refuse, calls, and keep what is logged. */
class RecordedPorts implements DestinationPorts {
  readonly reserved: CallPurpose[] = [];
  readonly recorded: DestinationCall[] = [];
  readonly calls = { record: (call: DestinationCall) => void this.recorded.push(call) };
  readonly secrets = heldSecrets({}, {});
  readonly logged: string[] = [];
  isRefusing = false;
  readonly now = () => new Date();
  readonly budget = {
    reserve: async (purpose: CallPurpose) => {
      if (this.isRefusing) throw new HeadraceError('destination_rate_limited', 'No call is left.');
      this.reserved.push(purpose);
    },
    observe: () => undefined,
  };
  readonly log = {
    info: (facts: unknown, message: string) => void this.logged.push(JSON.stringify([facts, message])),
    warn: (facts: unknown, message: string) => void this.logged.push(JSON.stringify([facts, message])),
  };
}

const never = new AbortController().signal;
const person = (at: number, city = 'Ulm') => ({ key: `person${at}@example.com`, city });
const standing = (status: SegmentStanding['status'], at: number): SegmentStanding => ({
  segmentId: `00000000-0000-4000-8000-00000000000${at}`,
  name: `Segment ${at}`,
  mappingId: null,
  listId: null,
  status,
  onExit: 'write_status',
});

/**
 * What the contract of destinations (`core`, dataflow/destination-connection.ts) promises the engine, tried against a real far
 * side. Each destination runs it.
 */
export function describeDestinationContract(name: string, subject: Subject): void {
  /** A connection ready to prepare records, and what is needed around it. */
  async function open() {
    const farSide = await subject.open();
    const ports = new RecordedPorts();
    const connection = farSide.connect(ports);
    await connection.targetFields(subject.details, never);
    return { farSide, ports, connection };
  }
  let lastVersion = 0;

  /** People as the engine would hand them on. */
  function batchOf(
    connection: DestinationConnection,
    people: readonly { readonly key: string; readonly city: string }[],
    recordIds: readonly (string | undefined)[] = [],
  ): DeliveryBatch {
    let object = '';
    const items = people.map((one, index): DeliveryItem => {
      const values = subject.valuesOf(one);
      const record = connection.prepare({ values, ifEmpty: new Set(), details: subject.details });
      if (record.kind !== 'record') throw new Error(record.message);
      object = record.object;
      const { matchKey, fields, ifEmpty } = record;
      return { matchKey, recordId: recordIds[index] ?? null, fields, ifEmpty, lists: [] };
    });
    const group: DeliveryGroup = items.some(({ recordId }) => recordId !== null) ? 'update' : 'create';
    lastVersion += 1;
    return { version: lastVersion, object, group, details: subject.details, items };
  }
  const idsOf = (outcomes: readonly DeliveryOutcome[]): string[] =>
    outcomes.map((outcome) => {
      if (outcome.kind !== 'activated') throw new Error(`Not activated: ${JSON.stringify(outcome)}`);
      return outcome.recordId;
    });
  async function create(connection: DestinationConnection, count: number): Promise<string[]> {
    const people = Array.from({ length: count }, (_, at) => person(at));
    return idsOf(await connection.deliver(batchOf(connection, people), never));
  }
  const caught = async (work: Promise<unknown>): Promise<HeadraceError> => {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof HeadraceError)) throw new Error(`Expected an error, got ${String(error)}`);
    return error;
  };
  /** Reads what may be there and writes what is missing, as the engine does after an unknown outcome. */
  async function recover(connection: DestinationConnection, batch: DeliveryBatch): Promise<void> {
    const [found] = await connection.read(batch, never);
    const [item] = batch.items;
    if (found === undefined || item === undefined) throw new Error('Nothing was read.');
    if (found.kind === 'several') throw new Error('Several records were made.');
    if (found.kind === 'found' && found.differing.length === 0) return;
    const recordId = found.kind === 'found' ? found.recordId : null;
    await write(connection, { ...batch, items: [{ ...item, recordId }] });
  }
  /** Writes, and once more by key where the record is gone. */
  async function write(connection: DestinationConnection, batch: DeliveryBatch): Promise<string> {
    const send = (items: readonly DeliveryItem[]) => {
      lastVersion += 1;
      const group = items.some(({ recordId }) => recordId !== null) ? 'update' : 'create';
      return connection.deliver({ ...batch, version: lastVersion, group, items }, never);
    };
    const outcomes = await send(batch.items);
    const isGone = outcomes[0]?.kind === 'record_gone';
    const [recordId = ''] = idsOf(
      isGone ? await send(batch.items.map((item) => ({ ...item, recordId: null }))) : outcomes,
    );
    return recordId;
  }

  describe(`the contract of destinations: ${name}`, () => {
    test('testing a connection names the same organization each time', async () => {
      const { connection } = await open();
      const first = await connection.test(never);
      expect(first.organizationId).not.toBe('');
      expect((await connection.test(never)).organizationId).toBe(first.organizationId);
    });

    test('promise 9: refused credentials are told without being repeated', async () => {
      const { farSide } = await open();
      const ports = new RecordedPorts();
      const connection = farSide.connect(ports, false);
      const error = await caught(connection.test(never));
      expect(error.code).toBe('destination_authentication_rejected');
      for (const secret of farSide.secrets)
        expect(`${error.message} ${JSON.stringify(error.details)} ${ports.logged.join()}`).not.toContain(
          secret,
        );
      await connection.close();
    });

    test('targets have names of their own', async () => {
      const { connection } = await open();
      const names = (await connection.targetFields(subject.details, never)).map((target) => target.name);
      expect(new Set(names).size).toBe(names.length);
    });

    test('preparing is pure: the same values give the same record, and nothing is called', async () => {
      const { connection, ports, farSide } = await open();
      const [calls, requests] = [ports.reserved.length, await farSide.requests()];
      const input = {
        values: Object.freeze(subject.valuesOf(person(1))),
        ifEmpty: new Set<string>(),
        details: Object.freeze({ ...subject.details }),
      };
      const record = connection.prepare(input);
      expect(record).toMatchObject({ kind: 'record', matchKey: expect.stringContaining('person1') });
      expect(connection.prepare(input)).toEqual(record);
      expect(connection.prepare({ ...input, values: subject.unsendable })).toMatchObject({
        kind: 'excluded',
        message: expect.stringMatching(/.+/),
      });
      const standings = [standing('realized', 1), standing('existing', 2), standing('exited', 3)];
      const memberships = connection.prepareMemberships(standings, subject.details);
      expect(connection.prepareMemberships(standings, subject.details)).toEqual(memberships);
      expect(connection.prepareMemberships([], subject.details).lists).toEqual([]);
      expect([ports.reserved.length, await farSide.requests()]).toEqual([calls, requests]);
    });

    test('a full batch has one outcome for each record, in order', async () => {
      const { connection, farSide } = await open();
      const ids = await create(connection, connection.maxBatchRecords);
      expect(new Set(ids).size).toBe(connection.maxBatchRecords);
      expect(await farSide.count()).toBe(connection.maxBatchRecords);
      const order = [5, 2, 9];
      const some = batchOf(
        connection,
        order.map((at) => person(at, 'Bonn')),
        order.map((at) => ids[at]),
      );
      expect(idsOf(await connection.deliver(some, never))).toEqual(order.map((at) => ids[at]));
    });

    test('promise 3: delivering twice makes no second record', async () => {
      const { connection, farSide } = await open();
      const batch = batchOf(connection, [person(1), person(2)]);
      const ids = idsOf(await connection.deliver(batch, never));
      expect(idsOf(await connection.deliver(batch, never))).toEqual(ids);
      expect(idsOf(await connection.deliver(batchOf(connection, [person(2), person(1)]), never))).toEqual(
        ids.toReversed(),
      );
      expect(await farSide.count()).toBe(2);
    });

    test('an update never creates: a record that is gone is told', async () => {
      const { connection, farSide } = await open();
      const ids = await create(connection, 2);
      await farSide.deleteRecord(ids[0] ?? '');
      const outcomes = await connection.deliver(batchOf(connection, [person(0), person(1)], ids), never);
      expect(outcomes).toMatchObject([{ kind: 'record_gone' }, { kind: 'activated', recordId: ids[1] }]);
      expect(await farSide.count()).toBe(1);
    });

    test('a person under another key is one record still', async () => {
      const { connection, farSide } = await open();
      const ids = await create(connection, 1);
      const moved = batchOf(connection, [person(7)], ids);
      const recordId = await write(connection, moved);
      expect(await farSide.count()).toBe(1);
      expect(await write(connection, batchOf(connection, [person(7)], [recordId]))).toBe(recordId);
    });

    test('reading tells what is to be written', async () => {
      const { connection, ports } = await open();
      const batch = batchOf(connection, [person(0), person(1)]);
      const ids = idsOf(await connection.deliver(batch, never));
      const calls = ports.reserved.length;
      const read = await connection.read(batchOf(connection, [person(1), person(0, 'Bonn')]), never);
      const everything = batch.items.map(({ fields }) => Object.keys(fields));
      const [city] = Object.entries(batch.items[0]?.fields ?? {}).flatMap(([field, value]) =>
        value === 'Ulm' ? [field] : [],
      );
      expect(read).toMatchObject([
        { kind: 'found', recordId: ids[1], differing: connection.canRead ? [] : everything[1] },
        { kind: 'found', recordId: ids[0], differing: connection.canRead ? [city] : everything[0] },
      ]);
      if (connection.canRead)
        expect(await connection.read(batchOf(connection, [person(9)]), never)).toEqual([{ kind: 'absent' }]);
      else expect(ports.reserved.length).toBe(calls);
    });

    test.each(['before_write', 'after_write'] as const)(
      'promise 3: an answer lost %s leaves the outcome unknown, and what is read tells how to go on',
      async (when) => {
        const { connection, farSide, ports } = await open();
        await create(connection, 1);
        await farSide.loseAnswer(when);
        const batch = batchOf(connection, [person(5)]);
        const error = await caught(connection.deliver(batch, never));
        expect(error.code).toBe('destination_outcome_unknown');
        expect(`${error.message} ${ports.logged.join()}`).not.toMatch(/person5|Ulm/);
        for (const secret of farSide.secrets) expect(error.message).not.toContain(secret);
        await recover(connection, batch);
        expect(await farSide.count()).toBe(2);
      },
    );

    test('removing is harmless to repeat, also after a lost answer', async () => {
      const { connection, farSide } = await open();
      const ids = await create(connection, 3);
      const { object } = batchOf(connection, [person(0)]);
      const remove = (recordIds: readonly string[]) => {
        lastVersion += 1;
        return connection.remove({ version: lastVersion, object, recordIds }, never);
      };
      expect(await remove(ids.slice(0, 2))).toEqual([{ kind: 'deleted' }, { kind: 'deleted' }]);
      expect(await remove(ids)).toMatchObject([{ kind: 'absent' }, { kind: 'absent' }, { kind: 'deleted' }]);
      const [again = ''] = await create(connection, 1);
      await farSide.loseAnswer('after_write');
      expect((await caught(remove([again]))).code).toBe('destination_outcome_unknown');
      expect(await remove([again])).toMatchObject([{ kind: 'absent' }]);
      expect(await farSide.count()).toBe(0);
    });

    const tools = { open, create, batchOf, idsOf };
    describeRecords(subject, tools);
    describeLists(subject, tools);
    if (subject.takesJobs) describeJobs(tools);

    test('it takes jobs where it is said to', async () => {
      const { connection } = await open();
      expect(connection.bulk !== undefined).toBe(subject.takesJobs);
    });

    test('a list is made once', async () => {
      const { connection } = await open();
      const segment = { segmentId: 's', name: 'Loyalty members', mappingId: null };
      await connection.checkMemberships([segment], { details: subject.details, mapping: [] }, never);
      const listId = await connection.ensureList(segment, subject.details, never);
      expect(await connection.ensureList(segment, subject.details, never)).toBe(listId);
    });

    test('a connection serves many at once', async () => {
      const { connection, farSide } = await open();
      const batches = Array.from({ length: 8 }, (_, at) =>
        batchOf(connection, [person(2 * at), person(2 * at + 1)]),
      );
      const ids = await Promise.all(
        batches.map(async (batch) => idsOf(await connection.deliver(batch, never))),
      );
      expect(new Set(ids.flat()).size).toBe(16);
      expect(await farSide.count()).toBe(16);
    });

    test('closing twice is harmless', async () => {
      const { connection } = await open();
      await create(connection, 1);
      await Promise.all([connection.close(), connection.close()]);
      await connection.close();
    });

    describe.runIf(subject.isRemote)('as calls leave this process', () => {
      test('promise 5: each call is counted before it is made, and none is made that is not allowed', async () => {
        const { connection, farSide, ports } = await open();
        const ids = await create(connection, 1);
        await connection.test(never);
        expect(ports.reserved.length).toBeGreaterThanOrEqual(await farSide.requests());
        ports.isRefusing = true;
        const requests = await farSide.requests();
        const batch = batchOf(connection, [person(0)], ids);
        const removal = { version: batch.version, object: batch.object, recordIds: ids };
        const attempts = [
          connection.test(never),
          connection.deliver(batch, never),
          connection.remove(removal, never),
          ...(connection.canRead ? [connection.read(batch, never)] : []),
        ];
        for (const attempt of attempts) expect((await caught(attempt)).code).toBe('destination_rate_limited');
        expect(await farSide.requests()).toBe(requests);
      });

      test('promise 9: each call is told to the log once, without secrets, keys and values', async () => {
        const { connection, farSide, ports } = await open();
        const ids = await create(connection, 2);
        await connection.test(never);
        await connection.deliver(batchOf(connection, [person(0, 'Bonn'), person(1, 'Bonn')], ids), never);
        if (connection.canRead) await connection.read(batchOf(connection, [person(0), person(7)]), never);
        await farSide.loseAnswer('after_write');
        await caught(connection.deliver(batchOf(connection, [person(8)]), never));
        await connection.remove(
          { version: 1, object: batchOf(connection, [person(0)]).object, recordIds: ids },
          never,
        );
        expect(ports.recorded.map(({ purpose }) => purpose).sort()).toEqual([...ports.reserved].sort());
        const lost = ports.recorded.filter(({ status }) => status === null);
        expect(lost).toMatchObject([
          { purpose: 'deliver', wasSent: true, code: expect.any(String), records: 1 },
        ]);
        const writes = ports.recorded.filter(
          ({ purpose, status }) => purpose === 'deliver' && status === 200,
        );
        expect(writes.map(({ records }) => records)).toEqual([2, 2]);
        const text = JSON.stringify(ports.recorded);
        for (const told of [...farSide.secrets, 'person', 'Ulm', 'Bonn']) expect(text).not.toContain(told);
      });

      test('what is given up before it was sent is not sent', async () => {
        const { connection, farSide } = await open();
        const batch = batchOf(connection, [person(0)]);
        const requests = await farSide.requests();
        const error = await caught(connection.deliver(batch, AbortSignal.abort()));
        expect(error.code).toBe('destination_unavailable');
        expect(await farSide.requests()).toBe(requests);
      });

      test('what is given up while it is worked on may have been applied', async () => {
        const { connection, farSide } = await open();
        await create(connection, 1);
        await farSide.hang?.();
        const error = await caught(
          connection.deliver(batchOf(connection, [person(1)]), AbortSignal.timeout(300)),
        );
        expect(error.code).toBe('destination_outcome_unknown');
        const report = await caught(connection.test(AbortSignal.timeout(300)));
        expect(report.code).toBe('destination_unavailable');
      });

      test('what is asked of a closed connection is refused, not lost', async () => {
        const { connection } = await open();
        const batch = batchOf(connection, [person(0)]);
        await connection.close();
        expect((await caught(connection.deliver(batch, never))).code).toBe('destination_unavailable');
      });
    });
  });
}
