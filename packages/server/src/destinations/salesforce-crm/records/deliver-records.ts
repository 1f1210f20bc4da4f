import {
  type DeliveryBatch,
  type DeliveryItem,
  type DeliveryOutcome,
  HeadraceError,
  type ReadRecord,
  type RecordFields,
} from '@headrace/core';
import type { CallSize } from '../call-size.ts';
import type { Call } from '../composite.ts';
import { readDetails } from '../dataflow-details.ts';
import { maxCollection, type SendResult } from '../send-collections.ts';
import type { CollectionResult } from './collection-results.ts';
import { type Describe, type DescribedObject, matchFieldOf, type WriteFacts } from './match-field.ts';
import type { RecordError } from './read-record-error.ts';
import { readRecords } from './read-records.ts';
import { isGone, toOutcome } from './record-error.ts';
import { objectOfId, recordKey } from './record-id.ts';
import { explain, failedBy, noMatch, recordHeld, severalMatches, unanswered } from './record-outcomes.ts';
import { sendOrders } from './send-orders.ts';
import { toInsert, toUpdate, toUpsert, type WriteOrder } from './write-order.ts';

/** What one Composite carries: five Collections writes. */
export const maxBatchRecords = 5 * maxCollection;
const objects = new Set(['Contact', 'Lead', 'Account']);

/**
 * Writes a batch: up to 200 records, or up to 1,000 in a Composite, in one API call. Where a dataflow only updates,
 * unknown records are read first and none is made; where it only creates, one that is there already counts as
 * delivered and is left as it is. Records that were converted or merged meanwhile are found out and go on there, in
 * two more calls.
 * @returns one outcome per item, in order; memberships are written by `deliverMemberships`
 * @throws HeadraceError as `DestinationConnection.deliver` does
 */
export async function deliverRecords(
  batch: DeliveryBatch,
  describe: Describe,
  call: Call,
  callSize: CallSize,
): Promise<DeliveryOutcome[]> {
  requireBatch(batch);
  const writer = new Writer(batch, describe, call, callSize);
  await writer.write(await writer.plan());
  await writer.follow();
  return writer.outcomes();
}

class Writer {
  readonly #batch: DeliveryBatch;
  readonly #facts: WriteFacts;
  readonly #details: ReturnType<typeof readDetails>;
  readonly #describe: Describe;
  readonly #call: Call;
  readonly #callSize: CallSize;
  readonly #outcomes = new Map<number, DeliveryOutcome>();
  /** Refused since the record is not what it was taken for; to be looked up. */
  readonly #moved = new Map<number, DeliveryOutcome>();

  constructor(batch: DeliveryBatch, describe: Describe, call: Call, callSize: CallSize) {
    this.#batch = batch;
    this.#facts = { object: batch.object, group: batch.group, matchField: matchFieldOf(batch) };
    this.#details = readDetails(batch.details);
    this.#describe = describe;
    this.#call = call;
    this.#callSize = callSize;
  }

  /** How each item is to be written; what needs no write has its outcome already. */
  async plan(): Promise<WriteOrder[]> {
    const { items, object } = this.#batch;
    const { matchField } = this.#facts;
    const { write } = this.#details;
    const described = await this.#describeKey();
    const orders: WriteOrder[] = [];
    const toResolve: number[] = [];
    const isById = matchField === 'Id';
    const makesNone = write === 'update_only' || (isById && write === 'create_only');
    for (const [index, item] of items.entries()) {
      if (item.recordId !== null) orders.push(...(await this.#update(index, item.recordId)));
      // Assignment rules are for new Leads: one that is there already must not be given to another owner.
      else if (makesNone || (this.#assignsOwners && write === 'upsert' && !isById)) toResolve.push(index);
      else if (isById) orders.push(...(await this.#update(index, item.matchKey)));
      // The name of an Account is no key of Salesforce's own: it was read before.
      else if (write === 'create_only' || matchField === 'Name') orders.push(toInsert(index, item, object));
      else orders.push(toUpsert(index, item, this.#facts, described));
    }
    const otherwise = (index: number, item: DeliveryItem): WriteOrder[] => {
      if (!makesNone) return [toUpsert(index, item, this.#facts, described)];
      this.#outcomes.set(index, noMatch(object, matchField));
      return [];
    };
    return [...orders, ...(await this.#resolve(toResolve, otherwise))];
  }

  /** The type of a key is asked for only where its value is not among the fields anyway. */
  async #describeKey(): Promise<DescribedObject> {
    const { object, matchField } = this.#facts;
    const isGiven = this.#batch.items.every(
      ({ recordId, fields }) => recordId !== null || matchField in fields,
    );
    return isGiven || matchField === 'Email' ? { byName: new Map() } : this.#describe(object);
  }

  async write(orders: readonly WriteOrder[]): Promise<void> {
    // What asks for other rules of the org goes apart.
    const isNew = ({ way }: WriteOrder): boolean => this.#assignsOwners && way !== 'update';
    await this.#send(
      orders.filter((order) => !isNew(order)),
      false,
    );
    await this.#send(orders.filter(isNew), true);
  }

  async #send(orders: readonly WriteOrder[], assignsOwners: boolean): Promise<void> {
    if (orders.length === 0) return;
    const options = {
      facts: this.#facts,
      details: this.#details,
      assignsOwners,
      callSize: this.#callSize,
      describe: this.#describe,
    };
    const send = sendOrders(orders, options, this.#call);
    const results = await send.catch((error: unknown): readonly SendResult[] => {
      // Others of the batch went through.
      if (this.#outcomes.size === 0 || !(error instanceof HeadraceError)) throw error;
      return orders.map(() => ({ kind: 'failed', error }));
    });
    for (const [at, result] of results.entries()) {
      const order = orders[at];
      if (order === undefined) continue;
      if (result.kind === 'refused' && this.#isMoved(result.errors))
        this.#moved.set(order.index, toOutcome(result.errors, this.#facts));
      else this.#outcomes.set(order.index, this.#outcomeOf(order, result));
    }
  }

  /** Writes once more what is another record now; a failure of this concerns those items alone. */
  async follow(): Promise<void> {
    const moved = [...this.#moved];
    if (moved.length === 0) return;
    this.#moved.clear();
    const indexes = moved.map(([index]) => index);
    try {
      await this.write(await this.#resolve(indexes, () => []));
    } catch (error) {
      if (!(error instanceof HeadraceError)) throw error;
      for (const index of indexes) if (!this.#outcomes.has(index)) this.#outcomes.set(index, failedBy(error));
    }
    for (const [index, outcome] of [...moved, ...this.#moved])
      if (!this.#outcomes.has(index)) this.#outcomes.set(index, explain(outcome, this.#facts));
  }

  outcomes(): DeliveryOutcome[] {
    return this.#batch.items.map((_item, index) => this.#outcomes.get(index) ?? unanswered);
  }

  /** Orders for the items whose records are found by reading, and for the others those of `otherwise`. */
  async #resolve(
    indexes: readonly number[],
    otherwise: (index: number, item: DeliveryItem) => readonly WriteOrder[],
  ): Promise<WriteOrder[]> {
    if (indexes.length === 0) return [];
    const items = indexes.flatMap((index) => this.#batch.items[index] ?? []);
    const reads = await readRecords({ ...this.#batch, items }, this.#describe, this.#call);
    const orders: WriteOrder[] = [];
    const taken = new Set<string>();
    for (const [at, index] of indexes.entries()) {
      const read = reads[at] ?? { kind: 'absent' };
      const item = items[at];
      if (item === undefined) continue;
      if (read.kind === 'several') this.#outcomes.set(index, severalMatches(read.recordIds));
      else if (read.kind === 'absent') orders.push(...otherwise(index, item));
      // Two Leads may have become one Contact.
      else if (taken.has(read.recordId)) this.#outcomes.set(index, recordHeld(read.recordId));
      else if (!isSame(read, item))
        orders.push(...(await this.#update(index, read.recordId, writtenTo(item, read))));
      if (read.kind === 'found') taken.add(read.recordId);
    }
    return orders;
  }

  /** Whether new records of the batch get their owners by the org's own rules; it has such for Leads. */
  get #assignsOwners(): boolean {
    const { object, group } = this.#facts;
    return object === 'Lead' && group === 'create' && this.#details.assignmentRules === 'active';
  }

  async #update(
    index: number,
    recordId: string,
    given = this.#batch.items[index]?.fields ?? {},
  ): Promise<WriteOrder[]> {
    const { object } = this.#batch;
    const fields = this.#details.write === 'create_only' ? {} : given;
    const isContact = object === 'Lead' && objectOfId(recordId) === 'Contact';
    const contact = isContact ? await this.#describe('Contact') : { byName: new Map() };
    const order = toUpdate(index, recordId, fields, object, contact);
    if (order === undefined) this.#outcomes.set(index, { kind: 'activated', recordId, created: false });
    return order === undefined ? [] : [order];
  }

  #isMoved(errors: readonly RecordError[]): boolean {
    const { object, group, matchField } = this.#facts;
    const codes = errors.map(({ statusCode }) => statusCode);
    if (object === 'Lead' && codes.includes('CANNOT_UPDATE_CONVERTED_LEAD')) return true;
    if (group !== 'create') return false;
    // Among several Leads of one key all but one may be converted.
    if (object === 'Lead' && codes.includes('DUPLICATE_EXTERNAL_ID')) return true;
    if (matchField === 'Id') return isGone(errors);
    const isTaken = errors.some(
      ({ statusCode, fields }) => statusCode === 'DUPLICATE_VALUE' && fields.includes(matchField),
    );
    return this.#details.write === 'create_only' && isTaken;
  }

  #outcomeOf(
    order: WriteOrder,
    result: CollectionResult | { kind: 'failed'; error: HeadraceError },
  ): DeliveryOutcome {
    switch (result.kind) {
      case 'written':
        return { kind: 'activated', recordId: result.id, created: result.created || order.way === 'insert' };
      case 'refused':
        return toOutcome(result.errors, this.#facts);
      case 'failed':
        return failedBy(result.error);
      case 'missing':
        return unanswered;
    }
  }
}

/** The record is another than was compared: what it holds itself decides what is written only where it is empty. */
const writtenTo = (
  { fields, ifEmpty }: DeliveryItem,
  { differing }: Extract<ReadRecord, { kind: 'found' }>,
): RecordFields =>
  Object.fromEntries(
    Object.entries(fields).filter(([name]) => !ifEmpty.includes(name) || differing.includes(name)),
  );

/** The Lead was refused a moment ago: to write it again would not help. */
const isSame = ({ recordId }: Extract<ReadRecord, { kind: 'found' }>, item: DeliveryItem): boolean =>
  item.recordId !== null && recordKey(item.recordId) === recordKey(recordId);

function requireBatch({ items, group, object }: DeliveryBatch): void {
  if (!objects.has(object)) throw internal(`The object ${object} is not written by this adapter.`);
  if (items.length === 0 || items.length > maxBatchRecords)
    throw internal(`A batch holds 1 to ${maxBatchRecords} records; this one holds ${items.length}.`);
  const keys = items.map(({ matchKey, recordId }) =>
    group === 'create' && recordId === null ? matchKey : recordKey(recordId ?? ''),
  );
  if (new Set(keys).size !== keys.length) throw internal('A batch names one record twice.');
  if (keys.includes('')) throw internal(`A batch for ${group} holds a record without its key.`);
}

const internal = (message: string): HeadraceError => new HeadraceError('internal', message);
