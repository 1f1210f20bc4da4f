import {
  composeSchema,
  type FieldGroup,
  type IdentityDescriptor,
  type IdType,
  type RuleSchema,
  systemFieldGroupIds,
  type XdmClassId,
  type XdmObject,
} from '@headrace/core';
import { type Db, maybeRow, rows } from './database.ts';
import { readFieldGroupsOf } from './field-groups.ts';

export type DatasetSchema = {
  readonly datasetId: string;
  readonly schemaId: string;
  readonly classId: XdmClassId;
  readonly fieldGroupIds: readonly string[];
  /** Changes with the custom field groups among them. */
  readonly fieldGroupRevisions: string;
  readonly identities: readonly IdentityDescriptor[];
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
       (select coalesce(string_agg(f.revision::text, ',' order by f.field_group_id), '')
        from field_group f where f.field_group_id = any(s.field_group_ids)) as "fieldGroupRevisions",
       d.retention_days as "retentionDays", d.deleting_at as "deletingAt"
     from dataset d join xdm_schema s using (schema_id) where d.dataset_id = $1`,
    [datasetId],
  );
}

/** What the union schema is put together from, without the definitions of the custom field groups. */
export type UnionParts = {
  readonly classId: XdmClassId;
  readonly fieldGroupIds: readonly string[];
  /** Equal keys are equal union schemas. */
  readonly key: string;
};

/**
 * The field groups of every schema of a class that is enabled for Profile. Without those that only Headrace
 * writes: the documents of profiles do not hold their fields.
 */
export async function readUnionParts(
  db: Db,
  classId: XdmClassId = 'xdm.individual-profile',
): Promise<UnionParts> {
  const found = await rows<{ id: string; revision: number | null }>(
    db,
    `select u.id, f.revision
     from (select distinct unnest(field_group_ids) as id from xdm_schema
       where class_id = $1 and enabled_for_profile_at is not null) as u
     left join field_group f on f.field_group_id = u.id
     where u.id <> all ($2) order by u.id`,
    [classId, systemFieldGroupIds],
  );
  return {
    classId,
    fieldGroupIds: found.map(({ id }) => id),
    key: found.map(({ id, revision }) => `${id}@${revision ?? ''}`).join(),
  };
}

/**
 * Puts a schema together with the definitions of the custom field groups it names.
 * @param changed takes the place of the stored field group of its id.
 */
export async function composeStored(
  db: Db,
  parts: { readonly classId: XdmClassId; readonly fieldGroupIds: readonly string[] },
  changed?: FieldGroup,
): Promise<XdmObject> {
  const { classId, fieldGroupIds } = parts;
  const stored = await readFieldGroupsOf(db, fieldGroupIds);
  const custom = stored.map((group) => (group.id === changed?.id ? changed : group));
  return composeSchema({ classId, fieldGroupIds, custom });
}

/** All fields of all Profile-enabled schemas of the profile class: what rules and mappings may name. */
export async function readUnionSchema(db: Db): Promise<XdmObject> {
  return composeStored(db, await readUnionParts(db));
}

/** What segment rules may name. */
export async function readRuleSchema(db: Db): Promise<RuleSchema> {
  return {
    profile: await readUnionSchema(db),
    event: await composeStored(db, await readUnionParts(db, 'xdm.experience-event')),
  };
}

export function readCustomNamespaces(db: Db): Promise<{ code: string; title: string; idType: IdType }[]> {
  return rows(db, 'select code, title, id_type as "idType" from identity_namespace order by code');
}
