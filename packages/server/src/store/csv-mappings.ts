import type { CsvMappingDefinition } from '@headrace/core';
import { type Db, maybeRow, rows } from './database.ts';

export type CsvMappingRow = {
  readonly csvMappingId: string;
  readonly datasetId: string;
  readonly name: string;
  readonly definition: CsvMappingDefinition;
  readonly updatedAt: Date;
  readonly lastUsedAt: Date | null;
};

const columns = `csv_mapping_id as "csvMappingId", dataset_id as "datasetId", name, definition,
  updated_at as "updatedAt", last_used_at as "lastUsedAt"`;

/** Saves a mapping under its name; one of the same name is replaced and keeps its id. */
export async function saveCsvMapping(
  db: Db,
  mapping: Omit<CsvMappingRow, 'lastUsedAt'>,
): Promise<CsvMappingRow> {
  const [saved] = await rows<CsvMappingRow>(
    db,
    `insert into csv_mapping (csv_mapping_id, dataset_id, name, definition, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $5)
     on conflict (dataset_id, name) do update
     set definition = excluded.definition, updated_at = excluded.updated_at
     returning ${columns}`,
    [
      mapping.csvMappingId,
      mapping.datasetId,
      mapping.name,
      JSON.stringify(mapping.definition),
      mapping.updatedAt,
    ],
  );
  return saved as CsvMappingRow;
}

/** Mappings of a dataset, the one used last first. */
export function readCsvMappings(db: Db, datasetId: string): Promise<CsvMappingRow[]> {
  return rows(
    db,
    `select ${columns} from csv_mapping where dataset_id = $1
     order by last_used_at desc nulls last, updated_at desc, csv_mapping_id`,
    [datasetId],
  );
}

/** A mapping of a dataset, which is about to be used. */
export function useCsvMapping(
  db: Db,
  datasetId: string,
  csvMappingId: string,
  now: Date,
): Promise<CsvMappingRow | undefined> {
  return maybeRow(
    db,
    `update csv_mapping set last_used_at = $3 where dataset_id = $1 and csv_mapping_id = $2
     returning ${columns}`,
    [datasetId, csvMappingId, now],
  );
}

/** @returns false when the dataset has no such mapping */
export async function deleteCsvMapping(db: Db, datasetId: string, csvMappingId: string): Promise<boolean> {
  const deleted = await db.query('delete from csv_mapping where dataset_id = $1 and csv_mapping_id = $2', [
    datasetId,
    csvMappingId,
  ]);
  return deleted.rowCount === 1;
}
