import { randomUUID } from 'node:crypto';
import {
  checkIdentityDescriptors,
  composeSchema,
  type ErrorDetail,
  findNamespace,
  HeadraceError,
  type IdentityDescriptor,
  type IdentityNamespace,
  listFields,
  nearestName,
  notFound,
  standardNamespaces,
  type XdmClassId,
  type XdmField,
  type XdmObject,
} from '@headrace/core';
import type { Db } from '../store/database.ts';
import { readCustomNamespaces, readUnionParts } from '../store/dataset-contexts.ts';
import { insertSchema, readSchema, type SchemaRow } from '../store/schemas.ts';

export type NewSchema = {
  readonly name: string;
  readonly classId: XdmClassId;
  readonly fieldGroupIds: readonly string[];
  readonly identities: readonly IdentityDescriptor[];
};

/**
 * Creates a schema. It can be put together, also with all other schemas of its class to their union.
 * @throws HeadraceError `invalid_input` with a detail for each fault, `conflict` when the name is taken.
 */
export async function createSchema(db: Db, schema: NewSchema, now: Date): Promise<SchemaRow> {
  const fields = composeSchema(schema);
  const details = [
    ...checkIdentityDescriptors(fields, schema.identities),
    ...checkNamespaces(schema.identities, await readCustomNamespaces(db)),
  ].map((detail) => ({ ...detail, pointer: `/identities${detail.pointer ?? ''}` }));
  const [first] = details;
  if (first !== undefined) throw new HeadraceError('invalid_input', first.message, { details });
  if (schema.classId === 'xdm.individual-profile')
    composeSchema({
      classId: schema.classId,
      fieldGroupIds: [...new Set([...(await readUnionParts(db)).fieldGroupIds, ...schema.fieldGroupIds])],
    });
  const row = {
    schemaId: randomUUID(),
    name: schema.name.trim(),
    classId: schema.classId,
    fieldGroupIds: [...new Set(schema.fieldGroupIds)],
    identities: schema.identities,
    createdAt: now,
  };
  if (!(await insertSchema(db, row)))
    throw new HeadraceError(
      'conflict',
      `There is a schema ${JSON.stringify(row.name)} already. Choose another name.`,
    );
  return row;
}

/** @throws HeadraceError `not_found`. */
export async function getSchema(db: Db, schemaId: string): Promise<SchemaRow> {
  const schema = await readSchema(db, schemaId);
  if (schema === undefined) throw notFound('schema', schemaId);
  return schema;
}

export type UnionField = { readonly path: string; readonly field: XdmField };

/** Fields of the union schema whose path or title holds the text, whatever its case. */
export function searchFields(union: XdmObject, search: string): readonly UnionField[] {
  const wanted = search.toLowerCase();
  return [...listFields(union)].filter(
    ({ path, field }) =>
      field.type !== 'object' &&
      (path.toLowerCase().includes(wanted) || field.title.toLowerCase().includes(wanted)),
  );
}

function checkNamespaces(
  identities: readonly IdentityDescriptor[],
  custom: readonly IdentityNamespace[],
): readonly ErrorDetail[] {
  return identities.flatMap(({ namespace }, index) => {
    if (findNamespace(namespace, custom) !== undefined) return [];
    const nearest = nearestName(
      namespace,
      [...standardNamespaces, ...custom].map(({ code }) => code),
    );
    const hint = nearest === undefined ? 'Create it first.' : `Did you mean "${nearest}"?`;
    const message = `There is no identity namespace ${JSON.stringify(namespace)}. ${hint}`;
    return [{ pointer: `/${index}/namespace`, message }];
  });
}
