import {
  composeSchema,
  fieldGroupListWire,
  listFields,
  newSchemaWire,
  type SchemaWire,
  schemaDetailWire,
  schemaListWire,
  schemaWire,
  standardFieldGroups,
  toJsonSchema,
  unionFieldListWire,
  unionFieldsQuery,
  wireId,
  wireObject,
  type XdmField,
} from '@headrace/core';
import { createSchema, getSchema, searchFields } from '../../catalog/schemas.ts';
import { readUnionSchema } from '../../store/dataset-contexts.ts';
import { readSchemas, type SchemaRow } from '../../store/schemas.ts';
import { defineRoute } from '../route.ts';

const tag = 'Schemas';

export const schemaRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/schemas/field-groups',
    operationId: 'listFieldGroups',
    summary: 'Field groups that schemas are put together from',
    tag,
    response: fieldGroupListWire,
    access: ['View Schemas'],
    audit: null,
    handle: async () => ({
      body: {
        items: standardFieldGroups.map(({ id, title, classIds, properties }) => ({
          field_group_id: id,
          title,
          class_ids: [...classIds],
          fields: [...listFields({ type: 'object', title, properties })]
            .filter(({ field }) => field.type !== 'object')
            .map(({ path }) => path),
        })),
      },
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/schemas/union/fields',
    operationId: 'listUnionFields',
    summary: 'Fields that segments and mappings may name',
    tag,
    query: unionFieldsQuery,
    response: unionFieldListWire,
    access: ['View Schemas'],
    audit: null,
    handle: async ({ pool }, { query }) => {
      const fields = searchFields(await readUnionSchema(pool), query.search ?? '');
      return { body: { items: fields.map(({ path, field }) => ({ path, ...describeField(field) })) } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/schemas',
    operationId: 'createSchema',
    summary: 'Create a schema from a class and field groups',
    tag,
    body: newSchemaWire,
    status: 201,
    response: schemaWire,
    access: ['Manage Schemas'],
    audit: { action: 'schema.create', subjectType: 'schema' },
    handle: async ({ pool, now }, { body }) => {
      const schema = await createSchema(
        pool,
        {
          name: body.name,
          classId: body.class_id,
          fieldGroupIds: body.field_group_ids,
          identities: body.identities.map((identity) => ({
            ...identity,
            primary: identity.primary ?? false,
          })),
        },
        now(),
      );
      return { body: toSchemaWire(schema), subjectId: schema.schemaId, facts: { name: schema.name } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/schemas',
    operationId: 'listSchemas',
    summary: 'Schemas by name',
    tag,
    response: schemaListWire,
    access: ['View Schemas'],
    audit: null,
    handle: async ({ pool }) => ({ body: { items: (await readSchemas(pool)).map(toSchemaWire) } }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/schemas/:schema_id',
    operationId: 'getSchema',
    summary: 'A schema with its JSON Schema',
    tag,
    params: wireObject({ schema_id: wireId('Of the schema.') }),
    response: schemaDetailWire,
    access: ['View Schemas'],
    audit: null,
    handle: async ({ pool }, { params }) => {
      const schema = await getSchema(pool, params.schema_id);
      return { body: { ...toSchemaWire(schema), json_schema: toJsonSchema(composeSchema(schema)) } };
    },
  }),
];

const describeField = (field: XdmField) => ({
  title: field.title,
  type: field.type,
  ...(field.type === 'string' && field.format !== undefined && { format: field.format }),
  ...(field.type === 'string' && field.enum !== undefined && { enum: [...field.enum] }),
});

const toSchemaWire = (schema: SchemaRow): SchemaWire => ({
  schema_id: schema.schemaId,
  name: schema.name,
  class_id: schema.classId,
  field_group_ids: [...schema.fieldGroupIds],
  identities: schema.identities.map(({ path, namespace, primary }) => ({ path, namespace, primary })),
  created_at: schema.createdAt.toISOString(),
});
