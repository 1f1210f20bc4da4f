import type { IdentityDescriptor, XdmClassId } from '@headrace/core';
import { type Db, maybeRow, rows } from './database.ts';

export type SchemaRow = {
  readonly schemaId: string;
  readonly name: string;
  readonly classId: XdmClassId;
  readonly fieldGroupIds: readonly string[];
  readonly identities: readonly IdentityDescriptor[];
  readonly createdAt: Date;
};

const columns = `schema_id as "schemaId", name, class_id as "classId", field_group_ids as "fieldGroupIds",
  identities, created_at as "createdAt"`;

/** @returns false when another schema has the name. */
export async function insertSchema(db: Db, schema: SchemaRow): Promise<boolean> {
  const inserted = await db.query(
    `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at,
       enabled_for_profile_at)
     values ($1, $2, $3, $4, $5, $6, $6) on conflict (name) do nothing`,
    [
      schema.schemaId,
      schema.name,
      schema.classId,
      schema.fieldGroupIds,
      JSON.stringify(schema.identities),
      schema.createdAt,
    ],
  );
  return inserted.rowCount === 1;
}

export function readSchemas(db: Db): Promise<SchemaRow[]> {
  return rows(db, `select ${columns} from xdm_schema order by name`);
}

export function readSchema(db: Db, schemaId: string): Promise<SchemaRow | undefined> {
  return maybeRow(db, `select ${columns} from xdm_schema where schema_id = $1`, [schemaId]);
}
