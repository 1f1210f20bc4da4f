import { randomUUID } from 'node:crypto';
import {
  checkDescriptorEvolution,
  checkEvolution,
  checkIdentityDescriptors,
  checkLabels,
  type FieldLabels,
  HeadraceError,
  type IdentityDescriptor,
  notFound,
  type XdmClassId,
  type XdmObject,
} from '@headrace/core';
import type pg from 'pg';
import { type Db, type Trx, transaction } from '../store/database.ts';
import { composeStored, readCustomNamespaces } from '../store/dataset-contexts.ts';
import { lockSchemaWrites } from '../store/locks.ts';
import {
  deleteSchema,
  hasRecords,
  insertSchema,
  lockSchema,
  readDatasetNames,
  readSchema,
  type SchemaRow,
  updateSchema,
} from '../store/schemas.ts';
import { atPointer, refuseIfAny, requireUnion, under } from './check-schema.ts';

export type NewSchema = {
  readonly name: string;
  readonly description?: string;
  readonly classId: XdmClassId;
  readonly fieldGroupIds: readonly string[];
  readonly identities: readonly IdentityDescriptor[];
  readonly labels?: FieldLabels;
  /** True when left out. */
  readonly isEnabledForProfile?: boolean;
};

/**
 * Creates a schema. It can be put together, and, enabled for Profile, also with all others to their union.
 * @throws HeadraceError `invalid_input` with a detail for each fault, `conflict` when the name is taken.
 */
export async function createSchema(pool: pg.Pool, schema: NewSchema, now: Date): Promise<SchemaRow> {
  return transaction(pool, async (trx) => {
    await lockSchemaWrites(trx);
    const row: SchemaRow = {
      schemaId: randomUUID(),
      name: schema.name.trim(),
      description: schema.description ?? '',
      classId: schema.classId,
      fieldGroupIds: [...new Set(schema.fieldGroupIds)],
      identities: schema.identities,
      labels: schema.labels ?? {},
      enabledForProfileAt: schema.isEnabledForProfile === false ? null : now,
      createdAt: now,
      updatedAt: now,
    };
    await checkWhole(trx, row);
    if (!(await insertSchema(trx, row))) throw nameTaken(row.name);
    return row;
  });
}

/** What is to be different; lists and labels as a whole, as they are to be. */
export type SchemaChange = {
  readonly name?: string;
  readonly description?: string;
  readonly fieldGroupIds?: readonly string[];
  readonly identities?: readonly IdentityDescriptor[];
  readonly labels?: FieldLabels;
  readonly isEnabledForProfile?: boolean;
};

/**
 * Changes a schema by the rules of evolution.
 * @throws HeadraceError `not_found`; `conflict` when the name is taken or a rule forbids it, saying which;
 *   `invalid_input` when the result could not be put together.
 */
export async function changeSchema(
  pool: pg.Pool,
  schemaId: string,
  change: SchemaChange,
  now: Date,
): Promise<SchemaRow> {
  return transaction(pool, async (trx) => {
    await lockSchemaWrites(trx);
    const before = await getSchema(trx, schemaId);
    const after: SchemaRow = {
      ...before,
      name: change.name?.trim() ?? before.name,
      description: change.description ?? before.description,
      fieldGroupIds: [...new Set(change.fieldGroupIds ?? before.fieldGroupIds)],
      identities: change.identities ?? before.identities,
      labels: change.labels ?? before.labels,
      enabledForProfileAt: before.enabledForProfileAt ?? (change.isEnabledForProfile === true ? now : null),
      updatedAt: now,
    };
    requireAdditive(before, after, change);
    const fields = await checkWhole(trx, after);
    const usage = { hasRecords: await hasRecords(trx, [schemaId]) };
    refuseIfAny('conflict', [
      ...checkEvolution(await composeStored(trx, before), fields, usage).map((detail) => ({
        ...detail,
        pointer: '/field_group_ids',
      })),
      ...under('/identities', checkDescriptorEvolution(before.identities, after.identities, usage)),
    ]);
    if (!(await updateSchema(trx, after))) throw nameTaken(after.name);
    return after;
  });
}

/**
 * Deletes a schema that nothing depends on.
 * @throws HeadraceError `not_found`, `conflict` when a dataset uses it or it is enabled for Profile.
 */
export async function removeSchema(pool: pg.Pool, schemaId: string): Promise<SchemaRow> {
  return transaction(pool, async (trx) => {
    await lockSchemaWrites(trx);
    await lockSchema(trx, schemaId);
    const schema = await getSchema(trx, schemaId);
    const datasets = await readDatasetNames(trx, schemaId);
    if (datasets.length > 0)
      throw new HeadraceError(
        'conflict',
        `The schema ${JSON.stringify(schema.name)} says what the records of ${datasets.map((name) => JSON.stringify(name)).join(', ')} mean. Delete these datasets first.`,
      );
    if (schema.enabledForProfileAt !== null)
      throw new HeadraceError(
        'conflict',
        `The schema ${JSON.stringify(schema.name)} is enabled for Profile: rules and mappings may name its fields, so it stays. Leave it unused.`,
      );
    await deleteSchema(trx, schemaId);
    return schema;
  });
}

/** @throws HeadraceError `not_found`. */
export async function getSchema(db: Db, schemaId: string): Promise<SchemaRow> {
  const schema = await readSchema(db, schemaId);
  if (schema === undefined) throw notFound('schema', schemaId);
  return schema;
}

/** Checks everything about a schema but its name. @returns its fields. */
async function checkWhole(trx: Trx, schema: SchemaRow): Promise<XdmObject> {
  const { classId, fieldGroupIds, identities, labels } = schema;
  const fields = await atPointer('/field_group_ids', () => composeStored(trx, schema));
  refuseIfAny('invalid_input', [
    ...under('/identities', checkIdentityDescriptors(fields, identities, await readCustomNamespaces(trx))),
    ...under('/labels', checkLabels(fields, labels)),
  ]);
  if (schema.enabledForProfileAt !== null)
    await atPointer('/field_group_ids', () => requireUnion(trx, classId, fieldGroupIds));
  return fields;
}

function requireAdditive(before: SchemaRow, after: SchemaRow, change: SchemaChange): void {
  const lost = before.fieldGroupIds.filter((id) => !after.fieldGroupIds.includes(id));
  refuseIfAny('conflict', [
    ...lost.map((id) => ({
      pointer: '/field_group_ids',
      keyword: 'removed',
      message: `The field group ${JSON.stringify(id)} would be removed, and its fields with it. A field stays once it is there: profiles, rules and mappings may use it. Keep it; new ones can stand beside it.`,
    })),
    ...(change.isEnabledForProfile === false && before.enabledForProfileAt !== null
      ? [
          {
            pointer: '/enabled_for_profile',
            keyword: 'enabled',
            message:
              'The schema is enabled for Profile, which cannot be taken back: its fields are part of the union schema. Create another schema for data that is not to reach profiles.',
          },
        ]
      : []),
  ]);
}

const nameTaken = (name: string): HeadraceError =>
  new HeadraceError('conflict', `There is a schema ${JSON.stringify(name)} already. Choose another name.`);
