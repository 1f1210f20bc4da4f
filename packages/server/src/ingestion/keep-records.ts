import type { ErrorDetail } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { keepRecords } from '../store/dataset-records.ts';
import { type DatasetUse, readDatasetUses } from '../store/datasets.ts';
import { lockProfileWrites } from '../store/locks.ts';
import type { AppliedRecord } from './apply-bisecting.ts';
import { applyRecords } from './apply-records.ts';
import type { PreparedRecord } from './prepared-record.ts';
import type { ProfileChangeListener } from './save-profiles.ts';

/**
 * Where records part: those of datasets that are enabled for Profile enter profiles, others are kept, and a dataset
 * that is being deleted takes none. It is decided under the lock on profile writes, so that a record prepared
 * before its dataset was enabled or given up follows what holds now.
 * @returns one result per record, in order.
 */
export async function applyOrKeep(
  trx: Trx,
  records: readonly PreparedRecord[],
  onChange: ProfileChangeListener,
  now: Date,
): Promise<readonly AppliedRecord[]> {
  await lockProfileWrites(trx);
  const uses = await readDatasetUses(trx, [...new Set(records.map(({ datasetId }) => datasetId))]);
  const useOf = ({ datasetId }: PreparedRecord): DatasetUse => uses.get(datasetId) ?? 'deleting';
  const profileIds = await applyRecords(
    trx,
    records.filter((record) => useOf(record) === 'profile'),
    onChange,
    now,
  );
  await keepRecords(trx, records.filter((record) => useOf(record) === 'keep').map(toKept));
  const applied = profileIds.values();
  return records.map((record): AppliedRecord => {
    const use = useOf(record);
    if (use === 'deleting') return { status: 'failed', errors: [deleting] };
    return { status: 'ingested', profileId: use === 'profile' ? (applied.next().value ?? null) : null };
  });
}

const deleting: ErrorDetail = {
  pointer: '',
  keyword: 'dataset',
  message: 'The dataset is being deleted and takes no more records. Send the record to another dataset.',
};

const toKept = (record: PreparedRecord) => ({
  datasetId: record.datasetId,
  primary: record.primary,
  recordId: record.recordId,
  stamp: new Date(record.stampMs),
  receivedAt: new Date(record.receivedMs),
  batchId: record.batchId,
  document: record.document,
});
