import {
  exportFieldGroup,
  type FieldGroup,
  type FieldGroupDefinitionWire,
  type FieldGroupWire,
  fieldGroupDefinitionWire,
  fieldGroupDeletedWire,
  fieldGroupDetailWire,
  fieldGroupListWire,
  listFields,
  objectOf,
  standardFieldGroups,
  systemFieldGroupIds,
  wireFieldGroupId,
  wireObject,
} from '@headrace/core';
import type { FieldGroupDefinition } from '../../catalog/field-group-definition.ts';
import {
  createFieldGroup,
  getFieldGroup,
  removeFieldGroup,
  replaceFieldGroup,
} from '../../catalog/field-groups.ts';
import { type FieldGroupRow, readFieldGroups } from '../../store/field-groups.ts';
import { defineRoute } from '../route.ts';

const tag = 'Schemas';
const params = wireObject({ field_group_id: wireFieldGroupId });

export const fieldGroupRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/field-groups',
    operationId: 'listFieldGroups',
    summary: 'Field groups that schemas are put together from, standard ones first',
    tag,
    response: fieldGroupListWire,
    access: ['View Schemas'],
    audit: null,
    handle: async ({ pool }) => ({
      body: { items: [...standardFieldGroups, ...(await readFieldGroups(pool))].map(toWire) },
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/field-groups',
    operationId: 'createFieldGroup',
    summary: 'Create a custom field group from JSON Schema',
    tag,
    body: fieldGroupDefinitionWire,
    status: 201,
    response: fieldGroupDetailWire,
    access: ['Manage Schemas'],
    audit: { action: 'field_group.create', subjectType: 'field_group' },
    handle: async ({ pool, now }, { body }) => {
      const group = await createFieldGroup(pool, toDefinition(body), now());
      return { body: toDetailWire(group), subjectId: group.id, facts: { title: group.title } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/field-groups/:field_group_id',
    operationId: 'getFieldGroup',
    summary: 'A field group with its JSON Schema',
    tag,
    params,
    response: fieldGroupDetailWire,
    access: ['View Schemas'],
    audit: null,
    handle: async ({ pool }, { params: { field_group_id } }) => ({
      body: toDetailWire(await getFieldGroup(pool, field_group_id)),
    }),
  }),
  defineRoute({
    method: 'PUT',
    path: '/api/v1/field-groups/:field_group_id',
    operationId: 'replaceFieldGroup',
    summary: 'Give a custom field group a further definition: fields may be added, none taken away',
    tag,
    params,
    body: fieldGroupDefinitionWire,
    response: fieldGroupDetailWire,
    access: ['Manage Schemas'],
    audit: { action: 'field_group.replace', subjectType: 'field_group' },
    handle: async ({ pool, now }, { params: { field_group_id }, body }) => {
      const group = await replaceFieldGroup(pool, field_group_id, toDefinition(body), now());
      const facts = { title: group.title, revision: group.revision };
      return { body: toDetailWire(group), subjectId: group.id, facts };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/field-groups/:field_group_id',
    operationId: 'deleteFieldGroup',
    summary: 'Delete a custom field group that no schema includes',
    tag,
    params,
    response: fieldGroupDeletedWire,
    access: ['Manage Schemas'],
    audit: { action: 'field_group.delete', subjectType: 'field_group' },
    handle: async ({ pool }, { params: { field_group_id } }) => {
      const { id, title } = await removeFieldGroup(pool, field_group_id);
      return { body: { field_group_id: id }, subjectId: id, facts: { title } };
    },
  }),
];

const toDefinition = (body: FieldGroupDefinitionWire): FieldGroupDefinition => ({
  ...(body.title !== undefined && { title: body.title }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.class_ids !== undefined && { classIds: body.class_ids }),
  jsonSchema: body.json_schema,
});

const toWire = (group: FieldGroup | FieldGroupRow): FieldGroupWire => ({
  field_group_id: group.id,
  title: group.title,
  description: group.description ?? '',
  class_ids: [...group.classIds],
  standard: !('revision' in group),
  system_written: systemFieldGroupIds.includes(group.id),
  fields: [...listFields(objectOf(group))]
    .filter(({ field }) => field.type !== 'object')
    .map(({ path }) => path),
  created_at: 'revision' in group ? group.createdAt.toISOString() : null,
  updated_at: 'revision' in group ? group.updatedAt.toISOString() : null,
});

const toDetailWire = (group: FieldGroup | FieldGroupRow) => ({
  ...toWire(group),
  json_schema: exportFieldGroup(group),
});
