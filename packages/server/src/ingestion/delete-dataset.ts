import { HeadraceError, notFound } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { deleteKeptRecords } from '../store/dataset-records.ts';
import { deleteDataset as deleteDatasetRow, markDatasetDeleting, readDataset } from '../store/datasets.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { findProfilesWithDataset } from '../store/profile-fragments.ts';
import type { PopulationJobHandler, PopulationJobs } from './population-jobs.ts';
import { regroupAround } from './regroup-profiles.ts';
import { type ProfileChangeListener, saveProfiles } from './save-profiles.ts';
import { readStoredProfiles } from './stored-profiles.ts';

export const deleteDatasetKind = 'delete_dataset';

/**
 * Begins to delete a dataset. From now on it takes no more records and its batches are aborted; a job takes its
 * fragments and events out of profiles. Beginning it again changes nothing.
 * @param confirmedName its name, as the person who deletes it wrote it.
 * @returns its name and when its deletion began.
 * @throws HeadraceError `not_found`; `invalid_input` when the name is another.
 */
export async function beginDatasetDeletion(
  options: { readonly pool: pg.Pool; readonly jobs: PopulationJobs; readonly now: () => Date },
  datasetId: string,
  confirmedName: string,
): Promise<{ readonly name: string; readonly deletingAt: Date }> {
  const begun = await transaction(options.pool, async (trx) => {
    await lockProfileWrites(trx);
    const dataset = await readDataset(trx, datasetId);
    if (dataset === undefined) throw notFound('dataset', datasetId);
    if (dataset.name !== confirmedName)
      throw new HeadraceError(
        'invalid_input',
        'The name to confirm is not the name of this dataset. Read the preview of its deletion, then repeat its name.',
        {
          details: [{ pointer: '/confirm', message: 'Expected the name of the dataset, letter by letter.' }],
        },
      );
    const { name, deletingAt } = dataset;
    if (deletingAt !== null) return { name, deletingAt };
    const now = options.now();
    await markDatasetDeleting(trx, datasetId, now);
    await options.jobs.begin(trx, { kind: deleteDatasetKind, subjectId: datasetId, facts: { name } }, now);
    return { name, deletingAt: now };
  });
  options.jobs.wake();
  return begun;
}

/**
 * Takes a dataset out of profiles, bucket by bucket: they shrink to their other fragments, fall apart where only
 * the dataset connected them, or end. The dataset itself goes with the last bucket.
 */
export const deleteDatasetHandler = (options: {
  readonly onChange: ProfileChangeListener;
}): PopulationJobHandler => ({
  workOn: async (trx, { subjectId }, range, now) => {
    await deleteKeptRecords(trx, subjectId, range);
    const profileIds = await findProfilesWithDataset(trx, subjectId, range);
    if (profileIds.length === 0) return 0;
    const before = await readStoredProfiles(trx, profileIds);
    const left = new Map(
      [...before.fragments].map(([profileId, fragments]) => [
        profileId,
        fragments.filter(({ datasetId }) => datasetId !== subjectId),
      ]),
    );
    const regrouped = await regroupAround(trx, before, left, () => true);
    await saveProfiles(trx, regrouped.before, regrouped.after, options.onChange, now);
    return profileIds.length;
  },
  finish: (trx, { subjectId }) => deleteDatasetRow(trx, subjectId),
});
