import {
  type Destination,
  destinationListWire,
  destinationWire,
  type InputField,
  type Wire,
  wireObject,
  wireText,
} from '@headrace/core';
import { detailFieldsOf, getDestination } from '../../catalog/destinations.ts';
import { defineRoute } from '../route.ts';

const tag = 'Destinations';

export const destinationRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/destinations',
    operationId: 'listDestinations',
    summary: 'The catalog of destinations',
    tag,
    response: destinationListWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ destinations }) => ({ body: { items: [...destinations.values()].map(toWire) } }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/destinations/:type',
    operationId: 'getDestination',
    summary: 'A destination with the fields it asks for',
    tag,
    params: wireObject({ type: wireText('Of the destination.', 100) }),
    response: destinationWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ destinations }, { params }) => ({
      body: toWire(getDestination(destinations, params.type)),
    }),
  }),
];

const toWire = (destination: Destination): Wire<typeof destinationWire> => ({
  type: destination.type,
  title: destination.title,
  description: destination.description,
  category: destination.category,
  connection_type: destination.connectionType,
  frequency: destination.frequency,
  authentications: destination.authentications.map(({ type, title, inBrowser, fields }) => ({
    type,
    title,
    in_browser: inBrowser === true,
    fields: fields.map(toFieldWire),
  })),
  detail_fields: detailFieldsOf(destination).map(toFieldWire),
  max_batch_records: destination.maxBatchRecords,
});

const toFieldWire = (field: InputField) => ({
  name: field.name,
  title: field.title,
  description: field.description,
  required: field.required,
  secret: field.secret,
  ...(field.pattern !== undefined && { pattern: field.pattern }),
  ...(field.maxLength !== undefined && { max_length: field.maxLength }),
  ...(field.enum !== undefined && { enum: [...field.enum] }),
  ...(field.default !== undefined && { default: field.default }),
});
