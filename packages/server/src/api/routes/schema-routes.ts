import {
  exportSchema,
  type NewSchemaWire,
  newSchemaWire,
  type SchemaWire,
  schemaChangeWire,
  schemaDeletedWire,
  schemaDetailWire,
  schemaLabelsWire,
  schemaListWire,
  schemaWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { changeSchema, createSchema, getSchema, removeSchema } from '../../catalog/schemas.ts';
import { composeStored } from '../../store/dataset-contexts.ts';
import { readSchemas, type SchemaRow } from '../../store/schemas.ts';
import { requireMayLabel } from '../authorize.ts';
import { defineRoute } from '../route.ts';

const tag = 'Schemas';
const params = wireObject({ schema_id: wireId('Of the schema.') });

export const schemaRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/schemas',
    operationId: 'createSchema',
    summary: 'Create a schema from a class and field groups; labels need Apply Data Usage Labels',
    tag,
    body: newSchemaWire,
    status: 201,
    response: schemaWire,
    access: ['Manage Schemas'],
    audit: { action: 'schema.create', subjectType: 'schema' },
    handle: async ({ pool, now }, { body, principal }) => {
      if (Object.keys(body.labels ?? {}).length > 0) requireMayLabel(principal);
      const schema = await createSchema(
        pool,
        {
          name: body.name,
          description: body.description ?? '',
          classId: body.class_id,
          fieldGroupIds: body.field_group_ids,
          identities: body.identities.map(toDescriptor),
          labels: body.labels ?? {},
          isEnabledForProfile: body.enabled_for_profile ?? true,
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
    params,
    response: schemaDetailWire,
    access: ['View Schemas'],
    audit: null,
    handle: async ({ pool }, { params: { schema_id } }) => {
      const schema = await getSchema(pool, schema_id);
      const fields = await composeStored(pool, schema);
      return { body: { ...toSchemaWire(schema), json_schema: exportSchema(schema, fields) } };
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/v1/schemas/:schema_id',
    operationId: 'changeSchema',
    summary: 'Add field groups and identities to a schema, enable it for Profile, rename it',
    tag,
    params,
    body: schemaChangeWire,
    response: schemaWire,
    access: ['Manage Schemas'],
    audit: { action: 'schema.change', subjectType: 'schema' },
    handle: async ({ pool, now }, { params: { schema_id }, body }) => {
      const change = {
        ...(body.name !== undefined && { name: body.name }),
        ...(body.description !== undefined && { description: body.description }),
        ...(body.field_group_ids !== undefined && { fieldGroupIds: body.field_group_ids }),
        ...(body.identities !== undefined && { identities: body.identities.map(toDescriptor) }),
        ...(body.enabled_for_profile !== undefined && { isEnabledForProfile: body.enabled_for_profile }),
      };
      const schema = await changeSchema(pool, schema_id, change, now());
      const facts = { name: schema.name, changed: Object.keys(body).sort().join(', ') };
      return { body: toSchemaWire(schema), subjectId: schema_id, facts };
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/api/v1/schemas/:schema_id/labels',
    operationId: 'replaceSchemaLabels',
    summary: 'Put data usage labels on the fields of a schema, in place of the present ones',
    tag,
    params,
    body: schemaLabelsWire,
    response: schemaWire,
    access: ['Apply Data Usage Labels'],
    audit: { action: 'schema.label', subjectType: 'schema' },
    handle: async ({ pool, now }, { params: { schema_id }, body }) => {
      const schema = await changeSchema(pool, schema_id, { labels: body.labels }, now());
      const facts = { name: schema.name, fields: Object.keys(body.labels).length };
      return { body: toSchemaWire(schema), subjectId: schema_id, facts };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/schemas/:schema_id',
    operationId: 'deleteSchema',
    summary: 'Delete a schema that no dataset uses and that is not enabled for Profile',
    tag,
    params,
    response: schemaDeletedWire,
    access: ['Manage Schemas'],
    audit: { action: 'schema.delete', subjectType: 'schema' },
    handle: async ({ pool }, { params: { schema_id } }) => {
      const { name } = await removeSchema(pool, schema_id);
      return { body: { schema_id }, subjectId: schema_id, facts: { name } };
    },
  }),
];

const toDescriptor = (identity: NewSchemaWire['identities'][number]) => ({
  ...identity,
  primary: identity.primary ?? false,
});

const toSchemaWire = (schema: SchemaRow): SchemaWire => ({
  schema_id: schema.schemaId,
  name: schema.name,
  description: schema.description,
  class_id: schema.classId,
  field_group_ids: [...schema.fieldGroupIds],
  identities: schema.identities.map(({ path, namespace, primary }) => ({ path, namespace, primary })),
  labels: schema.labels,
  enabled_for_profile: schema.enabledForProfileAt !== null,
  enabled_for_profile_at: schema.enabledForProfileAt?.toISOString() ?? null,
  created_at: schema.createdAt.toISOString(),
  updated_at: schema.updatedAt.toISOString(),
});
