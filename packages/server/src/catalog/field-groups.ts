import {
  checkEvolution,
  composeSchema,
  type FieldGroup,
  HeadraceError,
  notFound,
  objectOf,
  standardFieldGroups,
} from '@headrace/core';
import type pg from 'pg';
import { type Db, type Trx, transaction } from '../store/database.ts';
import { composeStored } from '../store/dataset-contexts.ts';
import {
  deleteFieldGroup,
  type FieldGroupRow,
  insertFieldGroup,
  readFieldGroup,
  readFieldGroups,
  updateFieldGroup,
} from '../store/field-groups.ts';
import { lockSchemaWrites } from '../store/locks.ts';
import { hasRecords, readSchemasWith } from '../store/schemas.ts';
import { atPointer, inContext, refuseIfAny, requireUnion, under } from './check-schema.ts';
import { type FieldGroupDefinition, newFieldGroupId, readDefinition } from './field-group-definition.ts';

/**
 * Creates a custom field group. Its fields may stand beside the standard ones of the same objects, and may not
 * define one of them otherwise.
 * @throws HeadraceError `invalid_input` with a detail for each fault of the definition and each clash, `conflict`
 *   when the title is taken, whatever its case.
 */
export async function createFieldGroup(
  pool: pg.Pool,
  definition: FieldGroupDefinition,
  now: Date,
): Promise<FieldGroupRow> {
  const described = readDefinition(definition);
  return transaction(pool, async (trx) => {
    await lockSchemaWrites(trx);
    const present = [...standardFieldGroups, ...(await readFieldGroups(trx))];
    requireFreeTitle(described.title, present);
    const id = newFieldGroupId(described.title, new Set(present.map((group) => group.id)));
    const group = { ...described, id, createdAt: now, updatedAt: now };
    requireNoStandardClash(group);
    return insertFieldGroup(trx, group);
  });
}

/**
 * Replaces the definition of a custom field group by one that evolution allows: in effect, adds fields to it.
 * @throws HeadraceError as `createFieldGroup`; `not_found`; `conflict` when it is a standard one, or a rule of
 *   evolution forbids it, saying which.
 */
export async function replaceFieldGroup(
  pool: pg.Pool,
  fieldGroupId: string,
  definition: FieldGroupDefinition,
  now: Date,
): Promise<FieldGroupRow> {
  return transaction(pool, async (trx) => {
    await lockSchemaWrites(trx);
    const before = await getCustom(trx, fieldGroupId);
    const described = readDefinition(definition, before);
    const after = { ...before, ...described, updatedAt: now };
    const others = (await readFieldGroups(trx)).filter(({ id }) => id !== fieldGroupId);
    requireFreeTitle(after.title, [...standardFieldGroups, ...others]);
    const schemas = await readSchemasWith(trx, fieldGroupId);
    const usage = {
      hasRecords: await hasRecords(
        trx,
        schemas.map(({ schemaId }) => schemaId),
      ),
    };
    refuseIfAny('conflict', [
      ...under('/json_schema', checkEvolution(objectOf(before), objectOf(after), usage)),
      ...before.classIds
        .filter((id) => !after.classIds.includes(id))
        .map((id) => ({
          pointer: '/class_ids',
          keyword: 'removed',
          message: `The field group goes with ${id}, and schemas of that class may include it. Classes may be added, not taken away. Keep it.`,
        })),
    ]);
    requireNoStandardClash(after);
    await atPointer('/json_schema', async () => {
      for (const schema of schemas)
        await inContext(`In the schema ${JSON.stringify(schema.name)}:`, () =>
          composeStored(trx, schema, after),
        );
      const enabled = schemas.filter(({ enabledForProfileAt }) => enabledForProfileAt !== null);
      for (const classId of new Set(enabled.map((schema) => schema.classId)))
        await requireUnion(trx, classId, [fieldGroupId], after);
    });
    return updateFieldGroup(trx, after);
  });
}

/**
 * Deletes a custom field group that no schema includes.
 * @throws HeadraceError `not_found`, `conflict` when it is a standard one or included, naming the schemas.
 */
export async function removeFieldGroup(pool: pg.Pool, fieldGroupId: string): Promise<FieldGroupRow> {
  return transaction(pool, async (trx) => {
    await lockSchemaWrites(trx);
    const group = await getCustom(trx, fieldGroupId);
    const schemas = await readSchemasWith(trx, fieldGroupId);
    if (schemas.length > 0)
      throw new HeadraceError(
        'conflict',
        `The field group "${group.title}" is part of ${schemas.map(({ name }) => JSON.stringify(name)).join(', ')}, and a schema keeps its fields. Delete these schemas first, or leave it.`,
      );
    await deleteFieldGroup(trx, fieldGroupId);
    return group;
  });
}

/** A field group, standard or custom. @throws HeadraceError `not_found`. */
export async function getFieldGroup(db: Db, fieldGroupId: string): Promise<FieldGroup | FieldGroupRow> {
  const group =
    standardFieldGroups.find(({ id }) => id === fieldGroupId) ?? (await readFieldGroup(db, fieldGroupId));
  if (group === undefined) throw notFound('field group', fieldGroupId);
  return group;
}

async function getCustom(trx: Trx, fieldGroupId: string): Promise<FieldGroupRow> {
  const group = await getFieldGroup(trx, fieldGroupId);
  if ('revision' in group) return group;
  throw new HeadraceError(
    'conflict',
    `The field group "${group.title}" comes with Headrace and cannot be changed. Create one of your own; it can add fields to the same objects.`,
  );
}

function requireFreeTitle(title: string, others: readonly FieldGroup[]): void {
  const owner = others.find((other) => other.title.toLowerCase() === title.toLowerCase());
  if (owner !== undefined)
    throw new HeadraceError(
      'conflict',
      `There is a field group "${owner.title}" (${owner.id}) already; case does not matter. Choose another title, or add the fields to it.`,
    );
}

/** Every standard field group may be part of a schema beside it, now or later. */
function requireNoStandardClash(group: FieldGroup): void {
  const clashes = group.classIds.flatMap((classId) => {
    const standard = standardFieldGroups.filter(({ classIds }) => classIds.includes(classId));
    try {
      composeSchema({ classId, fieldGroupIds: [...standard.map(({ id }) => id), group.id], custom: [group] });
      return [];
    } catch (error) {
      if (error instanceof HeadraceError) return error.details;
      throw error;
    }
  });
  refuseIfAny('invalid_input', under('/json_schema', clashes));
}
