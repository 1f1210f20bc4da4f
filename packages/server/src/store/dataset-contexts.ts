import {
  composeSchema,
  type IdentityDescriptor,
  type IdType,
  type XdmClassId,
  type XdmObject,
} from '@headrace/core';
import { type Db, maybeRow, preparedRows, rows } from './database.ts';

export type DatasetSchema = {
  readonly datasetId: string;
  readonly schemaId: string;
  readonly classId: XdmClassId;
  readonly fieldGroupIds: readonly string[];
  readonly identities: readonly IdentityDescriptor[];
  /** Dataset and schema both are: then its records are part of profiles. */
  readonly isEnabledForProfile: boolean;
  readonly retentionDays: number | null;
  /** Set once the dataset is being deleted: it takes no more records. */
  readonly deletingAt: Date | null;
};

/** A dataset with the schema its records must fit. */
export function readDatasetSchema(db: Db, datasetId: string): Promise<DatasetSchema | undefined> {
  return maybeRow(
    db,
    `select d.dataset_id as "datasetId", s.schema_id as "schemaId", s.class_id as "classId",
       s.field_group_ids as "fieldGroupIds", s.identities,
       d.enabled_for_profile_at is not null and s.enabled_for_profile_at is not null as "isEnabledForProfile",
       d.retention_days as "retentionDays", d.deleting_at as "deletingAt"
     from dataset d join xdm_schema s using (schema_id) where d.dataset_id = $1`,
    [datasetId],
  );
}

/** Field groups of every schema of the profile class: together they are the union schema. */
export async function readUnionFieldGroupIds(db: Db): Promise<string[]> {
  const found = await preparedRows<{ id: string }>(
    db,
    `select distinct unnest(field_group_ids) as id from xdm_schema
     where class_id = 'xdm.individual-profile' order by id`,
  );
  return found.map((row) => row.id);
}

/** All fields of all schemas of the profile class: what rules and mappings may name. */
export async function readUnionSchema(db: Db): Promise<XdmObject> {
  return composeSchema({
    classId: 'xdm.individual-profile',
    fieldGroupIds: await readUnionFieldGroupIds(db),
  });
}

export function readCustomNamespaces(db: Db): Promise<{ code: string; title: string; idType: IdType }[]> {
  return rows(db, 'select code, title, id_type as "idType" from identity_namespace order by code');
}
