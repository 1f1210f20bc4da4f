import {
  type ConnectionReport,
  type DeliveryBatch,
  type DeliveryOutcome,
  type DestinationConnection,
  type FieldValue,
  HeadraceError,
  type PreparedMemberships,
  type PreparedRecord,
  type PrepareInput,
  type ReadBatch,
  type ReadRecord,
  type RemovalBatch,
  type RemovalOutcome,
  type TargetField,
} from '@headrace/core';

/** What happens to the next write. */
export type MemoryOrgFault =
  | 'applied, answer lost'
  | 'not applied, answer lost'
  | 'unavailable'
  | 'authentication rejected'
  | 'record locked';

/**
 * A destination that keeps its records in memory, for tests of the delivery engine alone: people matched by
 * `email`, writes that can be made to fail in every way the contract names. It knows no Salesforce.
 */
export class MemoryOrg implements DestinationConnection {
  maxBatchRecords = 200;
  lostCallMs = 150;
  readonly canRead: boolean = true;
  readonly records = new Map<string, Readonly<Record<string, FieldValue>>>();
  /** Keys that lead to a record which holds another: what is left of records that were merged. */
  readonly aliases = new Map<string, string>();
  /** Faults of the next writes, first in first out. */
  readonly faults: MemoryOrgFault[] = [];
  /** Called before a write is applied: the place to change things meanwhile. */
  beforeWrite: (batch: DeliveryBatch) => Promise<void> = async () => undefined;
  isPasswordRight = true;
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

  async targetFields(): Promise<readonly TargetField[]> {
    return [];
  }

  prepare({ values }: PrepareInput): PreparedRecord {
    if (typeof values.email !== 'string')
      return { kind: 'excluded', reason: 'required_value_missing', message: 'No value for email.' };
    return {
      kind: 'record',
      object: 'Person',
      matchKey: values.email.toLowerCase(),
      fields: values,
      ifEmpty: [],
      compare: 'never',
      parent: null,
    };
  }

  prepareMemberships(): PreparedMemberships {
    return { fields: {}, lists: [] };
  }

  async ensureList(): Promise<string | null> {
    return null;
  }

  async deliver(batch: DeliveryBatch): Promise<readonly DeliveryOutcome[]> {
    this.writes += 1;
    const fault = this.faults.shift();
    if (fault === 'authentication rejected') this.isPasswordRight = false;
    if (!this.isPasswordRight)
      throw new HeadraceError('destination_authentication_rejected', 'Wrong password.');
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
        if (!this.records.has(item.recordId))
          return { kind: 'record_gone', code: 'GONE', message: 'The record is gone.' };
        this.records.set(item.recordId, item.fields);
        return { kind: 'activated', recordId: item.recordId, created: false };
      }
      const found = this.idsOf(item.matchKey);
      if (found.length > 1)
        return { kind: 'failed', code: 'SEVERAL', message: 'Several records match.', retryable: false };
      const [recordId = `rec-${++this.#lastId}`] = found;
      this.records.set(recordId, item.fields);
      return { kind: 'activated', recordId, created: found.length === 0 };
    });
    if (fault === 'applied, answer lost')
      throw new HeadraceError('destination_outcome_unknown', 'No answer.');
    return outcomes;
  }

  async read(batch: ReadBatch): Promise<readonly ReadRecord[]> {
    this.reads += 1;
    return batch.items.map((item): ReadRecord => {
      const ids = item.recordId === null ? this.idsOf(item.matchKey) : [item.recordId];
      const [recordId] = ids;
      const record = recordId === undefined ? undefined : this.records.get(recordId);
      if (recordId === undefined || record === undefined) return { kind: 'absent' };
      if (ids.length > 1) return { kind: 'several', recordIds: ids };
      const differing = Object.keys(item.fields).filter((name) => item.fields[name] !== record[name]);
      const isUnderKey = item.recordId === null || String(record.email).toLowerCase() === item.matchKey;
      return { kind: 'found', recordId, isUnderKey, differing, differingLists: [] };
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

  /** Ids of the records with a key. */
  idsOf(matchKey: string): string[] {
    const alias = this.aliases.get(matchKey);
    if (alias !== undefined) return [alias];
    return [...this.records]
      .filter(([, fields]) => String(fields.email).toLowerCase() === matchKey)
      .map(([recordId]) => recordId);
  }
}
