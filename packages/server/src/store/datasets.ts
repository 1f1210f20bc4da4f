import pg from 'pg';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

export type DatasetRow = {
  readonly datasetId: string;
  readonly name: string;
  readonly description: string;
  readonly schemaId: string;
  readonly schemaName: string;
  /** Whether its records are people's data or events. */
  readonly kind: 'profile' | 'event';
  readonly isSchemaEnabled: boolean;
  /** Since when its records are part of profiles; null while they are only kept. */
  readonly enabledForProfileAt: Date | null;
  /** Data usage labels. */
  readonly labels: readonly string[];
  /** Of an event dataset: days that events are kept; null is for ever. */
  readonly retentionDays: number | null;
  readonly createdAt: Date;
  /** Set once it is being deleted: it takes no more records. */
  readonly deletingAt: Date | null;
};

const uniqueViolation = '23505';
const foreignKeyViolation = '23503';

export type NewDatasetRow = Pick<
  DatasetRow,
  | 'datasetId'
  | 'name'
  | 'description'
  | 'schemaId'
  | 'enabledForProfileAt'
  | 'labels'
  | 'retentionDays'
  | 'createdAt'
>;

const columns = `d.dataset_id as "datasetId", d.name, d.description, s.schema_id as "schemaId",
  s.name as "schemaName", case s.class_id when 'xdm.experience-event' then 'event' else 'profile' end as kind,
  s.enabled_for_profile_at is not null as "isSchemaEnabled",
  d.enabled_for_profile_at as "enabledForProfileAt", d.labels, d.retention_days as "retentionDays",
  d.created_at as "createdAt", d.deleting_at as "deletingAt"`;

/** `no_schema`: it was deleted meanwhile. */
export async function insertDataset(
  db: Db,
  dataset: NewDatasetRow,
): Promise<'inserted' | 'name_taken' | 'no_schema'> {
  try {
    return (await insert(db, dataset)) ? 'inserted' : 'name_taken';
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === foreignKeyViolation) return 'no_schema';
    throw error;
  }
}

async function insert(db: Db, dataset: NewDatasetRow): Promise<boolean> {
  const inserted = await db.query(
    `insert into dataset
       (dataset_id, name, description, schema_id, enabled_for_profile_at, labels, retention_days, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (name) do nothing`,
    [
      dataset.datasetId,
      dataset.name,
      dataset.description,
      dataset.schemaId,
      dataset.enabledForProfileAt,
      dataset.labels,
      dataset.retentionDays,
      dataset.createdAt,
    ],
  );
  return inserted.rowCount === 1;
}

/** What of the schema decides what a dataset of it may be. */
export function readSchemaUse(
  db: Db,
  schemaId: string,
): Promise<Pick<DatasetRow, 'kind' | 'isSchemaEnabled'> | undefined> {
  return maybeRow(
    db,
    `select case class_id when 'xdm.experience-event' then 'event' else 'profile' end as kind,
       enabled_for_profile_at is not null as "isSchemaEnabled"
     from xdm_schema where schema_id = $1`,
    [schemaId],
  );
}

export function readDatasets(db: Db): Promise<DatasetRow[]> {
  return rows(db, `select ${columns} from dataset d join xdm_schema s using (schema_id) order by d.name`);
}

export function readDataset(db: Db, datasetId: string): Promise<DatasetRow | undefined> {
  return maybeRow(
    db,
    `select ${columns} from dataset d join xdm_schema s using (schema_id) where d.dataset_id = $1`,
    [datasetId],
  );
}

export async function updateDataset(
  db: Db,
  dataset: Pick<DatasetRow, 'datasetId' | 'name' | 'description' | 'labels' | 'retentionDays'>,
): Promise<'updated' | 'deleting' | 'name_taken'> {
  try {
    const updated = await db.query(
      `update dataset set name = $2, description = $3, labels = $4, retention_days = $5
       where dataset_id = $1 and deleting_at is null`,
      [dataset.datasetId, dataset.name, dataset.description, dataset.labels, dataset.retentionDays],
    );
    return updated.rowCount === 1 ? 'updated' : 'deleting';
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === uniqueViolation) return 'name_taken';
    throw error;
  }
}

export async function markDatasetEnabled(trx: Trx, datasetId: string, now: Date): Promise<void> {
  await trx.query(
    'update dataset set enabled_for_profile_at = $2 where dataset_id = $1 and enabled_for_profile_at is null',
    [datasetId, now],
  );
}

/** From now on it takes no more records, and what waits of its batches is given up. */
export async function markDatasetDeleting(trx: Trx, datasetId: string, now: Date): Promise<void> {
  await trx.query('update dataset set deleting_at = $2 where dataset_id = $1', [datasetId, now]);
  await trx.query(
    `update batch set status = 'aborted', finished_at = $2
     where dataset_id = $1 and status in ('loading', 'processing')`,
    [datasetId, now],
  );
}

/** What is to be done with records of a dataset: enter profiles, be kept, be refused. */
export type DatasetUse = 'profile' | 'keep' | 'deleting';

/** By dataset id; without an entry for one that is gone. */
export async function readDatasetUses(
  db: Db,
  datasetIds: readonly string[],
): Promise<Map<string, DatasetUse>> {
  const found = await rows<{ datasetId: string; use: DatasetUse }>(
    db,
    `select dataset_id as "datasetId", case when deleting_at is not null then 'deleting'
       when enabled_for_profile_at is not null then 'profile' else 'keep' end as use
     from dataset where dataset_id = any($1)`,
    [datasetIds],
  );
  return new Map(found.map((row) => [row.datasetId, row.use]));
}

/** Event datasets with their retention. */
export function readEventRetentions(db: Db): Promise<{ datasetId: string; retentionDays: number | null }[]> {
  return rows(
    db,
    `select d.dataset_id as "datasetId", d.retention_days as "retentionDays"
     from dataset d join xdm_schema s using (schema_id)
     where s.class_id = 'xdm.experience-event' order by d.created_at`,
  );
}

/** Removes a dataset that no record is left of, with its batches, mappings and counts; merge policies forget it. */
export async function deleteDataset(trx: Trx, datasetId: string): Promise<void> {
  await trx.query(
    'update merge_policy set dataset_order = array_remove(dataset_order, $1) where $1 = any(dataset_order)',
    [datasetId],
  );
  await trx.query('delete from batch where dataset_id = $1', [datasetId]);
  await trx.query('delete from dataset where dataset_id = $1', [datasetId]);
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
