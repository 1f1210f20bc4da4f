import {
  type FieldGroup,
  type FieldQuery,
  listFields,
  type SourcedField,
  searchFields,
  sourceFields,
  standardFieldGroups,
  type XdmObject,
} from '@headrace/core';
import type { Db } from '../store/database.ts';
import { composeStored, readUnionSchema } from '../store/dataset-contexts.ts';
import { readFieldGroups } from '../store/field-groups.ts';
import { readSchemas, type SchemaRow } from '../store/schemas.ts';
import { getSchema } from './schemas.ts';

/** Which fields, and which page of them. */
export type FieldSearch = FieldQuery & {
  readonly limit: number;
  /** Read on behind the field of this path. */
  readonly after?: string;
};

export type FieldPage = {
  readonly fields: readonly SourcedField[];
  /** The path to read on behind; null on the last page. */
  readonly nextAfter: string | null;
  /** Titles and names of what the fields come from, by id. */
  readonly groupTitles: ReadonlyMap<string, string>;
  readonly schemaNames: ReadonlyMap<string, string>;
};

/** Fields that rules and mappings may name: of all schemas of the profile class that are enabled for Profile. */
export async function searchUnionFields(db: Db, search: FieldSearch): Promise<FieldPage> {
  const schemas = (await readSchemas(db)).filter(
    ({ classId, enabledForProfileAt }) =>
      classId === 'xdm.individual-profile' && enabledForProfileAt !== null,
  );
  return findPage(db, await readUnionSchema(db), schemas, search);
}

/** Fields of one schema. @throws HeadraceError `not_found`. */
export async function searchSchemaFields(db: Db, schemaId: string, search: FieldSearch): Promise<FieldPage> {
  const schema = await getSchema(db, schemaId);
  return findPage(db, await composeStored(db, schema), [schema], search);
}

async function findPage(
  db: Db,
  fields: XdmObject,
  schemas: readonly SchemaRow[],
  { limit, after, ...query }: FieldSearch,
): Promise<FieldPage> {
  const groups: readonly FieldGroup[] = [...standardFieldGroups, ...(await readFieldGroups(db))];
  const found = searchFields([...listFields(fields)], query);
  const start = after === undefined ? 0 : found.findIndex(({ path }) => path === after) + 1;
  const page = found.slice(start, start + limit);
  return {
    fields: sourceFields(page, schemas, groups),
    nextAfter: start + limit < found.length ? (page.at(-1)?.path ?? null) : null,
    groupTitles: new Map(groups.map(({ id, title }) => [id, title])),
    schemaNames: new Map(schemas.map(({ schemaId, name }) => [schemaId, name])),
  };
}
