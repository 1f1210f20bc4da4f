import type { FieldGroup, XdmClassId, XdmField } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

/** A custom field group as it is stored; the standard ones live in code. */
export type FieldGroupRow = FieldGroup & {
  readonly description: string;
  readonly required: readonly string[];
  /** Another one with every change. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

const columns = `field_group_id as "id", title, description, class_ids as "classIds", properties, required,
  revision, created_at as "createdAt", updated_at as "updatedAt"`;

type Unrevised = Omit<FieldGroupRow, 'revision'>;

export async function insertFieldGroup(trx: Trx, group: Unrevised): Promise<FieldGroupRow> {
  return write(
    trx,
    group,
    `insert into field_group
       (field_group_id, title, description, class_ids, properties, required, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning revision`,
  );
}

export async function updateFieldGroup(trx: Trx, group: Unrevised): Promise<FieldGroupRow> {
  return write(
    trx,
    group,
    `update field_group set title = $2, description = $3, class_ids = $4, properties = $5, required = $6,
       created_at = $7, updated_at = $8, revision = default
     where field_group_id = $1 returning revision`,
  );
}

async function write(trx: Trx, group: Unrevised, statement: string): Promise<FieldGroupRow> {
  const { id, title, description, classIds, properties, required, createdAt, updatedAt } = group;
  const written = await maybeRow<{ revision: number }>(trx, statement, [
    id,
    title,
    description,
    classIds,
    JSON.stringify(properties),
    required,
    createdAt,
    updatedAt,
  ]);
  if (written === undefined) throw new Error('The field group to write was not there.');
  return { ...group, revision: written.revision };
}

export async function deleteFieldGroup(trx: Trx, fieldGroupId: string): Promise<void> {
  await trx.query('delete from field_group where field_group_id = $1', [fieldGroupId]);
}

/** All custom field groups by title. */
export function readFieldGroups(db: Db): Promise<FieldGroupRow[]> {
  return rows(db, `select ${columns} from field_group order by title`);
}

export function readFieldGroup(db: Db, fieldGroupId: string): Promise<FieldGroupRow | undefined> {
  return maybeRow(db, `select ${columns} from field_group where field_group_id = $1`, [fieldGroupId]);
}

/** Those of the ids that are custom field groups, for putting a schema together. */
export function readFieldGroupsOf(db: Db, fieldGroupIds: readonly string[]): Promise<FieldGroup[]> {
  return rows<{
    id: string;
    title: string;
    classIds: XdmClassId[];
    properties: Record<string, XdmField>;
    required: string[];
  }>(
    db,
    `select field_group_id as "id", title, class_ids as "classIds", properties, required
     from field_group where field_group_id = any($1)`,
    [fieldGroupIds],
  );
}
