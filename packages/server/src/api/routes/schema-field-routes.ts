import {
  type SchemaFieldsQuery,
  type SchemaFieldWire,
  schemaFieldPageWire,
  schemaFieldsQuery,
  wireId,
  wireObject,
  xdmTypeOf,
} from '@headrace/core';
import {
  type FieldPage,
  type FieldSearch,
  searchSchemaFields,
  searchUnionFields,
} from '../../catalog/search-schema-fields.ts';
import { defineRoute } from '../route.ts';

const tag = 'Schemas';
const params = wireObject({ schema_id: wireId('Of the schema.') });

export const schemaFieldRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/schemas/union/fields',
    operationId: 'listUnionFields',
    summary: 'Fields that segments and mappings may name',
    tag,
    query: schemaFieldsQuery,
    response: schemaFieldPageWire,
    access: ['View Schemas'],
    audit: null,
    handle: async ({ pool }, { query }) => ({
      body: toPageWire(await searchUnionFields(pool, toSearch(query))),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/schemas/:schema_id/fields',
    operationId: 'listSchemaFields',
    summary: 'Fields of a schema',
    tag,
    params,
    query: schemaFieldsQuery,
    response: schemaFieldPageWire,
    access: ['View Schemas'],
    audit: null,
    handle: async ({ pool }, { params: { schema_id }, query }) => ({
      body: toPageWire(await searchSchemaFields(pool, schema_id, toSearch(query))),
    }),
  }),
];

const toSearch = ({ search, type, after, limit }: SchemaFieldsQuery): FieldSearch => ({
  search: search ?? '',
  limit: limit ?? 100,
  ...(type !== undefined && { type }),
  ...(after !== undefined && { after }),
});

const toPageWire = ({ fields, nextAfter, groupTitles, schemaNames }: FieldPage) => ({
  items: fields.map(
    ({ path, field, labels, schemaIds, fieldGroupIds }): SchemaFieldWire => ({
      path,
      title: field.title,
      ...(field.description !== undefined && { description: field.description }),
      type: field.type,
      xdm_type: xdmTypeOf(field),
      ...(field.type === 'string' && field.format !== undefined && { format: field.format }),
      ...(field.type === 'string' && field.enum !== undefined && { enum: [...field.enum] }),
      read_only: field.readOnly === true,
      labels: [...labels],
      schemas: schemaIds.map((id) => ({ schema_id: id, name: schemaNames.get(id) ?? '' })),
      field_groups: fieldGroupIds.map((id) => ({ field_group_id: id, title: groupTitles.get(id) ?? '' })),
    }),
  ),
  next_after: nextAfter,
});
