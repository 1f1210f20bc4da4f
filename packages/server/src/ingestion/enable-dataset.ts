import { HeadraceError, notFound } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { forgetKeptRecords, type KeptRecord, readKeptRecords } from '../store/dataset-records.ts';
import { markDatasetEnabled, readDataset, readDatasetUses } from '../store/datasets.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { applyBisecting } from './apply-bisecting.ts';
import type { DatasetRegistry } from './dataset-registry.ts';
import type { PopulationJobHandler, PopulationJobs } from './population-jobs.ts';
import { type PreparedRecord, prepareRecord } from './prepared-record.ts';
import type { ProfileChangeListener } from './save-profiles.ts';

export const enableDatasetKind = 'enable_dataset';

/**
 * Enables a dataset for Profile: records that come from now on enter profiles, and a job brings in those that were
 * kept. It is never taken back; enabling an enabled dataset changes nothing.
 * @throws HeadraceError `not_found`; `conflict` when it is being deleted or its schema is not enabled.
 */
export async function enableDataset(
  options: { readonly pool: pg.Pool; readonly jobs: PopulationJobs; readonly now: () => Date },
  datasetId: string,
): Promise<void> {
  await transaction(options.pool, async (trx) => {
    await lockProfileWrites(trx);
    const dataset = await readDataset(trx, datasetId);
    if (dataset === undefined) throw notFound('dataset', datasetId);
    if (dataset.deletingAt !== null)
      throw new HeadraceError('conflict', 'The dataset is being deleted. Create another one.');
    if (dataset.enabledForProfileAt !== null) return;
    if (!dataset.isSchemaEnabled)
      throw new HeadraceError(
        'conflict',
        `The schema ${JSON.stringify(dataset.schemaName)} of the dataset is not enabled for Profile. Enable the schema first.`,
      );
    const now = options.now();
    await markDatasetEnabled(trx, datasetId, now);
    await options.jobs.begin(trx, { kind: enableDatasetKind, subjectId: datasetId, facts: {} }, now);
  });
  options.jobs.wake();
}

/**
 * Brings the kept records of a dataset into profiles, by buckets of their primary identities. What stamps and
 * merging make of them does not depend on when they come, so newer records may arrive beside it. A record that
 * the schema refuses by now stays kept.
 */
export const enableDatasetHandler = (options: {
  readonly datasets: DatasetRegistry;
  readonly onChange: ProfileChangeListener;
}): PopulationJobHandler => ({
  workOn: async (trx, { subjectId }, range, now) => {
    const kept = await readKeptRecords(trx, subjectId, range);
    if (kept.length === 0 || (await readDatasetUses(trx, [subjectId])).get(subjectId) !== 'profile') return 0;
    const dataset = await options.datasets.open(trx, subjectId);
    const entering: { readonly from: KeptRecord; readonly record: PreparedRecord }[] = [];
    for (const from of kept) {
      const prepared = prepareRecord(dataset, from.document, from);
      if (prepared.ok) entering.push({ from, record: prepared.record });
    }
    const records = entering.map(({ record }) => record);
    const applied = await applyBisecting(trx, records, options.onChange, now);
    const entered = entering.filter((_entry, index) => applied[index]?.status === 'ingested');
    await forgetKeptRecords(
      trx,
      subjectId,
      entered.map(({ from }) => from),
    );
    return kept.length;
  },
});
