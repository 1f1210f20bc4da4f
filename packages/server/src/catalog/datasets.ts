import { randomUUID } from 'node:crypto';
import { HeadraceError, notFound } from '@headrace/core';
import type { Db } from '../store/database.ts';
import { type DatasetRow, insertDataset, readDataset } from '../store/datasets.ts';
import { getSchema } from './schemas.ts';

/** @throws HeadraceError `not_found` when there is no such schema, `conflict` when the name is taken. */
export async function createDataset(
  db: Db,
  dataset: { readonly name: string; readonly schemaId: string },
  now: Date,
): Promise<DatasetRow> {
  const { schemaId } = await getSchema(db, dataset.schemaId);
  const row = { datasetId: randomUUID(), name: dataset.name.trim(), schemaId, createdAt: now };
  if (!(await insertDataset(db, row)))
    throw new HeadraceError(
      'conflict',
      `There is a dataset ${JSON.stringify(row.name)} already. Choose another name.`,
    );
  return row;
}

/** @throws HeadraceError `not_found`. */
export async function getDataset(db: Db, datasetId: string): Promise<DatasetRow> {
  const dataset = await readDataset(db, datasetId);
  if (dataset === undefined) throw notFound('dataset', datasetId);
  return dataset;
}
