import { type Db, maybeRow, rows } from './database.ts';

export type DatasetRow = {
  readonly datasetId: string;
  readonly name: string;
  readonly schemaId: string;
  readonly createdAt: Date;
};

const columns = `dataset_id as "datasetId", name, schema_id as "schemaId", created_at as "createdAt"`;

/** @returns false when another dataset has the name. */
export async function insertDataset(db: Db, dataset: DatasetRow): Promise<boolean> {
  const inserted = await db.query(
    `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at)
     values ($1, $2, $3, $4, $4)
     on conflict (name) do nothing`,
    [dataset.datasetId, dataset.name, dataset.schemaId, dataset.createdAt],
  );
  return inserted.rowCount === 1;
}

export function readDatasets(db: Db): Promise<DatasetRow[]> {
  return rows(db, `select ${columns} from dataset order by name`);
}

export function readDataset(db: Db, datasetId: string): Promise<DatasetRow | undefined> {
  return maybeRow(db, `select ${columns} from dataset where dataset_id = $1`, [datasetId]);
}

/** Datasets whose records are people's attributes. */
export async function readProfileDatasetIds(db: Db): Promise<string[]> {
  const found = await rows<{ datasetId: string }>(
    db,
    `select d.dataset_id as "datasetId" from dataset d join xdm_schema s using (schema_id)
     where s.class_id = 'xdm.individual-profile'`,
  );
  return found.map((row) => row.datasetId);
}
