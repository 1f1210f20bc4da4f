import type { Db } from '../store/database.ts';
import {
  type PreviewRow,
  readLatestEvents,
  readNewestFragments,
  readNewestKept,
} from '../store/dataset-preview.ts';
import { getDataset } from './datasets.ts';

/** Rows of a preview at most, as on the platform. */
const previewRows = 100;
/** Rows of a profile dataset looked at for them: some 50 ms. */
const lookAt = 10_000;

export type DatasetPreview = {
  readonly rows: readonly PreviewRow[];
  /** `sample`: the newest of a part of the rows only, for there are more than are looked at. */
  readonly shown: 'newest' | 'sample';
};

/**
 * The newest rows of a dataset as their sources sent them, whatever its size within some 50 ms.
 * @throws HeadraceError `not_found`.
 */
export async function previewDataset(db: Db, datasetId: string): Promise<DatasetPreview> {
  const { kind, enabledForProfileAt } = await getDataset(db, datasetId);
  if (enabledForProfileAt === null)
    return { rows: await readNewestKept(db, datasetId, previewRows), shown: 'newest' };
  if (kind === 'event') return { rows: await readLatestEvents(db, datasetId, previewRows), shown: 'newest' };
  const { found, lookedAt } = await readNewestFragments(db, datasetId, { lookAt, limit: previewRows });
  return { rows: found, shown: lookedAt < lookAt ? 'newest' : 'sample' };
}
