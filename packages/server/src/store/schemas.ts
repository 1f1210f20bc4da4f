import type { FieldLabels, IdentityDescriptor, XdmClassId } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

export type SchemaRow = {
  readonly schemaId: string;
  readonly name: string;
  readonly description: string;
  readonly classId: XdmClassId;
  readonly fieldGroupIds: readonly string[];
  readonly identities: readonly IdentityDescriptor[];
  readonly labels: FieldLabels;
  /** Since when its fields are part of the union schema; null before. */
  readonly enabledForProfileAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

const columns = `schema_id as "schemaId", name, description, class_id as "classId",
  field_group_ids as "fieldGroupIds", identities, labels, enabled_for_profile_at as "enabledForProfileAt",
  created_at as "createdAt", updated_at as "updatedAt"`;

/** @returns false when another schema has the name. */
export async function insertSchema(db: Db, schema: SchemaRow): Promise<boolean> {
  const inserted = await db.query(
    `insert into xdm_schema (schema_id, name, description, class_id, field_group_ids, identities, labels,
       enabled_for_profile_at, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (name) do nothing`,
    [
      schema.schemaId,
      schema.name,
      schema.description,
      schema.classId,
      schema.fieldGroupIds,
      JSON.stringify(schema.identities),
      schema.labels,
      schema.enabledForProfileAt,
      schema.createdAt,
      schema.updatedAt,
    ],
  );
  return inserted.rowCount === 1;
}

/** Writes everything of a schema that can change. @returns false when another schema has the name. */
export async function updateSchema(trx: Trx, schema: SchemaRow): Promise<boolean> {
  const updated = await trx.query(
    `update xdm_schema set name = $2, description = $3, field_group_ids = $4, identities = $5, labels = $6,
       enabled_for_profile_at = $7, updated_at = $8
     where schema_id = $1 and not exists (select from xdm_schema where name = $2 and schema_id <> $1)`,
    [
      schema.schemaId,
      schema.name,
      schema.description,
      schema.fieldGroupIds,
      JSON.stringify(schema.identities),
      schema.labels,
      schema.enabledForProfileAt,
      schema.updatedAt,
    ],
  );
  return updated.rowCount === 1;
}

/** Waits for datasets of the schema that are being created; until the transaction ends no further one is. */
export async function lockSchema(trx: Trx, schemaId: string): Promise<void> {
  await trx.query('select from xdm_schema where schema_id = $1 for update', [schemaId]);
}

export async function deleteSchema(trx: Trx, schemaId: string): Promise<void> {
  await trx.query('delete from xdm_schema where schema_id = $1', [schemaId]);
}

export function readSchemas(db: Db): Promise<SchemaRow[]> {
  return rows(db, `select ${columns} from xdm_schema order by name`);
}

export function readSchema(db: Db, schemaId: string): Promise<SchemaRow | undefined> {
  return maybeRow(db, `select ${columns} from xdm_schema where schema_id = $1`, [schemaId]);
}

/** Schemas that include a field group, by name. */
export function readSchemasWith(db: Db, fieldGroupId: string): Promise<SchemaRow[]> {
  return rows(db, `select ${columns} from xdm_schema where $1 = any(field_group_ids) order by name`, [
    fieldGroupId,
  ]);
}

/** Names of the datasets of a schema. */
export async function readDatasetNames(db: Db, schemaId: string): Promise<string[]> {
  const found = await rows<{ name: string }>(
    db,
    'select name from dataset where schema_id = $1 order by name',
    [schemaId],
  );
  return found.map(({ name }) => name);
}

/** Whether there are records, of people or events, in any dataset of the schemas. */
export async function hasRecords(db: Db, schemaIds: readonly string[]): Promise<boolean> {
  const found = await maybeRow<{ has: boolean }>(
    db,
    `select exists (
       select from dataset d where d.schema_id = any($1) and (
         exists (select from profile_fragment f where f.dataset_id = d.dataset_id)
         or exists (select from dataset_record r where r.dataset_id = d.dataset_id))) as has`,
    [schemaIds],
  );
  return found?.has === true;
}
