import {
  explainReason,
  type PastDeliveryWire,
  pastDeliveriesQuery,
  pastDeliveryPageWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { getDataflow } from '../../catalog/dataflows.ts';
import { type PastDelivery, readPastDeliveries } from '../../store/delivery-history.ts';
import { readPage } from '../page.ts';
import { defineRoute } from '../route.ts';
import { readTimePlace, writeTimePlace } from '../time-place.ts';

export const pastDeliveryRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/dataflows/:dataflow_id/records/:profile_id/deliveries',
    operationId: 'listPastDeliveries',
    summary: 'What was sent of a profile, what was answered and when, newest first',
    tag: 'Monitoring',
    params: wireObject({ dataflow_id: wireId('Of the dataflow.'), profile_id: wireId('Of the profile.') }),
    query: pastDeliveriesQuery,
    response: pastDeliveryPageWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool }, { params, query, principal }) => {
      const { dataflowId } = await getDataflow(pool, params.dataflow_id);
      const { status, code } = query;
      const since = query.since === undefined ? undefined : new Date(query.since);
      const of = { dataflowId, profileId: params.profile_id, status, code, since };
      const after = readTimePlace(query.after);
      const { items, nextAfter } = await readPage(
        query.limit,
        (limit) => readPastDeliveries(pool, { ...of, after, limit }),
        ({ settledAt, deliveryId }) => writeTimePlace({ at: settledAt, id: deliveryId }),
      );
      const showsValues = principal?.permissions.has('View Profiles') === true;
      return { body: { items: items.map((item) => toWire(item, showsValues)), next_after: nextAfter } };
    },
  }),
];

const toWire = (delivery: PastDelivery, showsValues: boolean): PastDeliveryWire => {
  const { status, code, message, sentValues } = delivery;
  const explained =
    code === null ? { meaning: null, remedy: null } : explainReason({ status, code, message });
  return {
    settled_at: delivery.settledAt.toISOString(),
    status,
    code,
    message,
    ...explained,
    record_id: delivery.recordId,
    created: delivery.created,
    sent:
      sentValues &&
      Object.entries(sentValues).map(([field, value]) => ({ field, ...(showsValues && { value }) })),
    batch_id: delivery.batchId,
  };
};
