import {
  type ConnectionReport,
  type DeliveryBatch,
  type DeliveryItem,
  type DeliveryOutcome,
  type DestinationConnection,
  type FieldValue,
  HeadraceError,
  type ListMembership,
  type ParentRecord,
  type PreparedMemberships,
  type PreparedRecord,
  type PrepareInput,
  type ReadBatch,
  type ReadRecord,
  type RemovalBatch,
  type RemovalOutcome,
  type SegmentStanding,
  type SendableRecord,
  type TargetField,
  toldLists,
} from '@headrace/core';

/** What happens to the next write. */
export type MemoryOrgFault =
  | 'applied, answer lost'
  | 'not applied, answer lost'
  | 'unavailable'
  | 'authentication rejected'
  | 'record locked'
  /** Records are written, their lists are not, or it is not known whether they are. */
  | 'lists locked'
  | 'lists unanswered';

/**
 * A destination that keeps its records in memory, for tests of the delivery engine alone: people matched by
 * `email`, their companies, lists, fields named by mapping ids, and writes that can be made to fail in every way the contract names. It knows no Salesforce.
 */
export class MemoryOrg implements DestinationConnection {
  maxBatchRecords = 200;
  lostCallMs = 150;
  readonly canRead: boolean = true;
  readonly recordIdsFollowKeys: boolean = false;
  readonly records = new Map<string, Readonly<Record<string, FieldValue>>>();
  /** Keys that lead to a record which holds another: what is left of records that were merged. */
  readonly aliases = new Map<string, string>();
  /** Records that went into others, by their former ids: reads and writes of them follow. */
  readonly moved = new Map<string, string>();
  /** Faults of the next writes, first in first out. */
  readonly faults: MemoryOrgFault[] = [];
  /** Called before a write is applied: the place to change things meanwhile. */
  beforeWrite: (batch: DeliveryBatch) => Promise<void> = async () => undefined;
  isPasswordRight = true;
  /** Of the user, to write a field of people. */
  fieldRight: 'there' | 'lost, and told' | 'lost, as only writes show' = 'there';
  probes = 0;
  /** List → record → status. */
  readonly lists = new Map<string, Map<string, string>>();
  listCalls = 0;
  /** When people are to be compared before they are written. */
  compare: SendableRecord['compare'] = 'never';
  writes = 0;
  reads = 0;
  removals = 0;
  /** Faults of the next removals. */
  readonly removalFaults: MemoryOrgFault[] = [];
  /** Records that may not be deleted. */
  readonly protectedRecords = new Set<string>();
  #lastId = 0;

  async test(): Promise<ConnectionReport> {
    if (!this.isPasswordRight)
      throw new HeadraceError('destination_authentication_rejected', 'Wrong password.');
    return {
      organizationId: 'memory',
      organizationName: 'Memory',
      instanceUrl: 'memory:',
      apiVersion: '1',
      username: 'test',
      callsUsed: 0,
      callsAllowed: 1,
      warnings: [],
    };
  }

  async probe(): Promise<void> {
    this.probes += 1;
    await this.test();
    if (this.fieldRight === 'lost, and told') throw fieldRightLost();
  }

  async targetFields(): Promise<readonly TargetField[]> {
    return [];
  }

  prepare({ values: { company, ...values }, ifEmpty }: PrepareInput): PreparedRecord {
    if (typeof values.email !== 'string')
      return {
        kind: 'excluded',
        reason: 'required_value_missing',
        message: 'No value for email.',
        target: 'email',
      };
    return {
      kind: 'record',
      object: 'Person',
      matchKey: values.email.toLowerCase(),
      fields: values,
      ifEmpty: [...ifEmpty],
      compare: ifEmpty.size > 0 ? 'always' : this.compare,
      parent: typeof company === 'string' ? companyOf(company) : null,
    };
  }

  prepareMemberships(segments: readonly SegmentStanding[]): PreparedMemberships {
    const lists = toldLists(segments, ({ listId, status, onExit }): ListMembership | undefined => {
      if (listId === null) return undefined;
      if (status !== 'exited') return { listId, status: 'member' };
      if (onExit === 'nothing') return undefined;
      return { listId, status: onExit === 'remove' ? null : 'exited' };
    });
    const fields = segments.flatMap(({ mappingId, status, onExit }): [string, FieldValue][] => {
      if (mappingId === null || (status === 'exited' && onExit === 'nothing')) return [];
      if (status !== 'exited') return [[mappingId, 'member']];
      return [[mappingId, onExit === 'remove' ? null : 'exited']];
    });
    return { fields: Object.fromEntries(fields), lists };
  }

  async checkMemberships(): Promise<void> {}

  async ensureList({ name }: Pick<SegmentStanding, 'name'>): Promise<string | null> {
    this.listCalls += 1;
    const listId = `list ${name}`;
    if (!this.lists.has(listId)) this.lists.set(listId, new Map());
    return listId;
  }

  async deliver(batch: DeliveryBatch): Promise<readonly DeliveryOutcome[]> {
    this.writes += 1;
    const fault = this.faults.shift();
    if (fault === 'authentication rejected') this.isPasswordRight = false;
    if (!this.isPasswordRight)
      throw new HeadraceError('destination_authentication_rejected', 'Wrong password.');
    if (this.fieldRight !== 'there') throw fieldRightLost();
    if (fault === 'unavailable') throw new HeadraceError('destination_unavailable', 'Connection refused.');
    const known = batch.items.flatMap((item) => item.recordId ?? []);
    if (new Set(known).size !== known.length)
      throw new HeadraceError('internal', 'A batch names one record twice.');
    await this.beforeWrite(batch);
    if (fault === 'record locked')
      return batch.items.map(() => ({
        kind: 'failed',
        code: 'LOCKED',
        message: 'Locked by another.',
        retryable: true,
      }));
    if (fault === 'not applied, answer lost')
      throw new HeadraceError('destination_outcome_unknown', 'No answer.');
    const outcomes = batch.items.map((item): DeliveryOutcome => {
      if (item.matchKey === 'refused@example.com')
        return { kind: 'failed', code: 'INVALID_EMAIL', message: 'Refused.', retryable: false };
      if (item.recordId !== null) {
        const knownId = this.moved.get(item.recordId) ?? item.recordId;
        if (!this.records.has(knownId))
          return { kind: 'record_gone', code: 'GONE', message: 'The record is gone.' };
        this.#write(knownId, isOfLists(fault) ? { ...item, lists: [] } : item);
        return { kind: 'activated', recordId: knownId, created: false };
      }
      const found = this.idsOf(item.matchKey);
      if (found.length > 1)
        return { kind: 'failed', code: 'SEVERAL', message: 'Several records match.', retryable: false };
      const [recordId = `rec-${++this.#lastId}`] = found;
      this.#write(recordId, isOfLists(fault) ? { ...item, lists: [] } : item);
      return { kind: 'activated', recordId, created: found.length === 0 };
    });
    if (fault === 'applied, answer lost')
      throw new HeadraceError('destination_outcome_unknown', 'No answer.');
    return outcomes.map((outcome) =>
      isOfLists(fault) && outcome.kind === 'activated' ? listsFailed(outcome, fault) : outcome,
    );
  }

  async read(batch: ReadBatch): Promise<readonly ReadRecord[]> {
    this.reads += 1;
    return batch.items.map((item): ReadRecord => {
      const ids =
        item.recordId === null ? this.idsOf(item.matchKey) : [this.moved.get(item.recordId) ?? item.recordId];
      const [recordId] = ids;
      const record = recordId === undefined ? undefined : this.records.get(recordId);
      if (recordId === undefined || record === undefined) return { kind: 'absent' };
      if (ids.length > 1) return { kind: 'several', recordIds: ids };
      const differing = Object.keys(item.fields).filter(
        (name) =>
          (item.fields[name] ?? null) !== (record[name] ?? null) &&
          !(item.ifEmpty.includes(name) && (record[name] ?? null) !== null),
      );
      const isUnderKey = item.recordId === null || keyOf(record) === item.matchKey;
      const differingLists = item.lists.flatMap(({ listId, status }) =>
        (this.lists.get(listId)?.get(recordId) ?? null) === status ? [] : [listId],
      );
      return { kind: 'found', recordId, isUnderKey, differing, differingLists };
    });
  }

  async remove(batch: RemovalBatch): Promise<readonly RemovalOutcome[]> {
    this.removals += 1;
    const fault = this.removalFaults.shift();
    if (fault === 'unavailable') throw new HeadraceError('destination_unavailable', 'Connection refused.');
    if (fault === 'not applied, answer lost')
      throw new HeadraceError('destination_outcome_unknown', 'No answer.');
    const outcomes = batch.recordIds.map((recordId): RemovalOutcome => {
      if (fault === 'record locked') return { kind: 'failed', code: 'LOCKED', retryable: true };
      if (this.protectedRecords.has(recordId)) return { kind: 'failed', code: 'PROTECTED', retryable: false };
      return this.records.delete(recordId) ? { kind: 'deleted' } : { kind: 'absent', code: 'GONE' };
    });
    if (fault === 'applied, answer lost')
      throw new HeadraceError('destination_outcome_unknown', 'No answer.');
    return outcomes;
  }

  async close(): Promise<void> {}

  /** Fields and lists that are not named stay as they are. */
  #write(recordId: string, { fields, lists }: DeliveryItem): void {
    this.records.set(recordId, { ...this.records.get(recordId), ...fields });
    for (const { listId, status } of lists) {
      const list = this.lists.get(listId) ?? new Map<string, string>();
      this.lists.set(listId, list);
      if (status === null) list.delete(recordId);
      else list.set(recordId, status);
    }
  }

  /** Ids of the records with a key. */
  idsOf(matchKey: string): string[] {
    const alias = this.aliases.get(matchKey);
    if (alias !== undefined) return [alias];
    return [...this.records].filter(([, fields]) => keyOf(fields) === matchKey).map(([recordId]) => recordId);
  }
}

type ListFault = Extract<MemoryOrgFault, `lists ${string}`>;
const isOfLists = (fault: MemoryOrgFault | undefined): fault is ListFault =>
  fault === 'lists locked' || fault === 'lists unanswered';

const listsFailed = (
  { recordId, created }: Extract<DeliveryOutcome, { kind: 'activated' }>,
  fault: ListFault,
): DeliveryOutcome => ({
  kind: 'failed',
  code: 'LIST_FAILED',
  message: 'The list could not be written.',
  retryable: true,
  ...(fault === 'lists unanswered' && { unknown: true }),
  recordId,
  created,
});

/** People are found by their address, companies by their name. */
const keyOf = ({ email, name }: Readonly<Record<string, FieldValue>>): string =>
  String(email ?? name ?? '').toLowerCase();

const companyOf = (name: string): ParentRecord => ({
  object: 'Company',
  matchKey: name.toLowerCase(),
  fields: { name },
  ifEmpty: [],
  compare: 'never',
  linkField: 'companyId',
});

const fieldRightLost = (): HeadraceError =>
  new HeadraceError('destination_misconfigured', 'The user may not write a field.');
