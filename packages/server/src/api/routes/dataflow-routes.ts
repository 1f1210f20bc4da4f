import {
  type DataflowWire,
  dataflowDetailWire,
  dataflowListWire,
  dataflowPatchWire,
  dataflowWire,
  detailsBodyWire,
  mappingBodyWire,
  newDataflowWire,
  wireId,
  wireObject,
} from '@headrace/core';
import {
  createDataflow,
  getChangeableDataflow,
  getDataflow,
  replaceDetails,
  replaceMapping,
} from '../../catalog/dataflows.ts';
import { countDataflowMembers } from '../../store/dataflow-reports.ts';
import { type DataflowRow, readDataflows, updateDataflow } from '../../store/dataflows.ts';
import { defineRoute } from '../route.ts';

const tag = 'Dataflows';
const params = wireObject({ dataflow_id: wireId('Of the dataflow.') });

export const dataflowRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/dataflows',
    operationId: 'createDataflow',
    summary: 'Create a dataflow to an account, with its mapping',
    tag,
    body: newDataflowWire,
    status: 201,
    response: dataflowWire,
    access: ['Manage Destinations'],
    audit: { action: 'dataflow.create', subjectType: 'dataflow' },
    handle: async (services, { body, signal }) => {
      const dataflow = await createDataflow(
        services,
        {
          accountId: body.account_id,
          name: body.name,
          description: body.description ?? '',
          details: body.details ?? {},
          mapping: body.mapping,
        },
        signal,
      );
      return {
        body: toWire(dataflow),
        subjectId: dataflow.dataflowId,
        facts: { name: dataflow.name, account_id: dataflow.accountId },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/dataflows',
    operationId: 'listDataflows',
    summary: 'Dataflows by name',
    tag,
    response: dataflowListWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool }) => ({ body: { items: (await readDataflows(pool)).map(toWire) } }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/dataflows/:dataflow_id',
    operationId: 'getDataflow',
    summary: 'A dataflow and where its members stand',
    tag,
    params,
    response: dataflowDetailWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool }, request) => {
      const dataflow = await getDataflow(pool, request.params.dataflow_id);
      const counts = await countDataflowMembers(pool, dataflow.dataflowId);
      return { body: { ...toWire(dataflow), counts } };
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/v1/dataflows/:dataflow_id',
    operationId: 'changeDataflow',
    summary: 'Enable, disable or describe a dataflow',
    tag,
    params,
    body: dataflowPatchWire,
    response: dataflowWire,
    access: ['Manage Destinations'],
    audit: { action: 'dataflow.change', subjectType: 'dataflow' },
    handle: async ({ pool, people }, { params: { dataflow_id }, body }) => {
      await getChangeableDataflow(pool, dataflow_id);
      await updateDataflow(pool, dataflow_id, body);
      if (body.enabled === true) people.resumeDelivery();
      return {
        body: toWire(await getDataflow(pool, dataflow_id)),
        subjectId: dataflow_id,
        facts: {
          ...(body.enabled !== undefined && { enabled: body.enabled }),
          ...(body.description !== undefined && { description_changed: true }),
        },
      };
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/api/v1/dataflows/:dataflow_id/details',
    operationId: 'replaceDetails',
    summary: 'Replace the details; every member is compared again',
    tag,
    params,
    body: detailsBodyWire,
    response: dataflowWire,
    access: ['Manage Destinations', 'Activate Destinations'],
    audit: { action: 'dataflow.replace_details', subjectType: 'dataflow' },
    handle: async (services, { params: { dataflow_id }, body, signal }) => {
      const { pool, people } = services;
      await replaceDetails(services, dataflow_id, body.details, signal);
      people.resumeDelivery();
      return {
        body: toWire(await getDataflow(pool, dataflow_id)),
        subjectId: dataflow_id,
        facts: { details: Object.keys(body.details).join(', ') },
      };
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/api/v1/dataflows/:dataflow_id/mapping',
    operationId: 'replaceMapping',
    summary: 'Replace the mapping; every member is compared again',
    tag,
    params,
    body: mappingBodyWire,
    response: dataflowWire,
    access: ['Manage Destinations', 'Activate Destinations'],
    audit: { action: 'dataflow.replace_mapping', subjectType: 'dataflow' },
    handle: async (services, { params: { dataflow_id }, body, signal }) => {
      const { pool, people } = services;
      await replaceMapping(services, dataflow_id, body.mapping, signal);
      people.resumeDelivery();
      return {
        body: toWire(await getDataflow(pool, dataflow_id)),
        subjectId: dataflow_id,
        facts: { rows: body.mapping.length },
      };
    },
  }),
];

const statusOf = ({ enabled, stoppedBy, deletingAt }: DataflowRow): DataflowWire['status'] => {
  if (deletingAt !== null) return 'deleting';
  if (!enabled) return 'disabled';
  return stoppedBy === null ? 'enabled' : 'stopped';
};

const toWire = (dataflow: DataflowRow): DataflowWire => ({
  dataflow_id: dataflow.dataflowId,
  account_id: dataflow.accountId,
  name: dataflow.name,
  description: dataflow.description,
  details: { ...dataflow.details },
  mapping: dataflow.mapping.map((row) => ({ ...row, source: { ...row.source } })),
  status: statusOf(dataflow),
  // The database writes the instant in its own notation.
  stopped_by: dataflow.stoppedBy && {
    code: dataflow.stoppedBy.code,
    message: dataflow.stoppedBy.message,
    at: new Date(dataflow.stoppedBy.at).toISOString(),
  },
  created_at: dataflow.createdAt.toISOString(),
});
